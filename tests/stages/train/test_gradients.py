"""The proof that every target trains, on gradients laid out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from stagerun import StageError
from stagerun_stages.train.gradients import WINDOW, Caught, EveryTargetTrains


class Told:
    """What a proof tells."""

    def __init__(self) -> None:
        self.proved: list[dict[str, Any]] = []
        self.warned: list[str] = []
        self.noted: list[str] = []

    def prove(self, name: str, passed: bool, **evidence: Any) -> None:
        if not passed:
            raise StageError(f"proof {name} failed: {evidence}")
        self.proved.append(evidence)

    def note(self, text: str) -> None:
        self.noted.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)


class Experts(torch.nn.Module):
    """Three experts, adapted the way PEFT does it: the second factor is (out, rank, experts)."""

    def __init__(self) -> None:
        super().__init__()
        self.num_experts = 3
        self.lora_B = torch.nn.ModuleDict({"default": torch.nn.Linear(6, 4, bias=False)})


def watching(told: Told) -> EveryTargetTrains:
    """The proof among the callbacks of a trainer."""
    handler = SimpleNamespace(callbacks=["another"])
    proof = EveryTargetTrains(told, SimpleNamespace(callback_handler=handler))  # type: ignore[arg-type]
    handler.callbacks.append(proof)
    return proof


def step(proof: EveryTargetTrains, model: torch.nn.Module, **gradients: torch.Tensor | None) -> None:
    for name, parameter in model.named_parameters():
        parameter.grad = gradients.get(name.replace(".", "_"))
    proof.on_pre_optimizer_step(None, None, None, model=model)


def pair() -> torch.nn.Module:
    """A model with two factors, a and b."""
    return torch.nn.ParameterDict({"lora_A": torch.ones(2), "lora_B": torch.ones(2)})


ONE, ZERO = torch.ones(2), torch.zeros(2)


def test_the_first_factor_may_come_a_step_later() -> None:
    told, model = Told(), pair()
    proof = watching(told)
    step(proof, model, lora_A=ZERO, lora_B=ONE)
    assert told.proved == []
    step(proof, model, lora_A=ONE, lora_B=ONE)
    assert told.proved == [{"tensors": 2, "steps": 2}]


def test_a_tensor_that_never_gets_a_gradient_fails_and_is_named() -> None:
    proof, model = watching(Told()), pair()
    for _ in range(WINDOW - 1):
        step(proof, model, lora_A=ONE, lora_B=None)
    with pytest.raises(StageError, match="'without_gradient': \\['lora_B'\\]"):
        step(proof, model, lora_A=ONE, lora_B=ZERO)


def test_steps_without_any_signal_do_not_count() -> None:
    told, model = Told(), pair()
    proof = watching(told)
    for _ in range(WINDOW + 1):
        step(proof, model, lora_A=ZERO, lora_B=ZERO)
    proof.on_train_end(None, None, None)
    assert told.warned == ["no step had a gradient: nothing was learned"]


def test_a_single_step_excuses_the_first_factor_only() -> None:
    told, model = Told(), pair()
    proof = watching(told)
    step(proof, model, lora_A=ZERO, lora_B=ONE)
    proof.on_train_end(None, None, None)
    assert told.proved == [{"tensors": 2, "steps": 1}]


def test_an_expert_that_the_router_never_picks_is_told() -> None:
    told, model = Told(), Experts()
    proof = watching(told)
    gradient = torch.zeros(4, 2, 3)
    gradient[:, :, :2] = 1  # nothing for the third expert
    for _ in range(WINDOW):
        step(proof, model, lora_B_default_weight=gradient.reshape(4, 6))
    assert told.proved == [{"tensors": 1, "steps": WINDOW, "experts": 3, "experts_idle": 1}]
    assert told.warned == [f"1 of 3 experts got no gradient in {WINDOW} steps"]


def test_gradients_that_are_taken_away_as_they_come_are_seen_by_hooks() -> None:
    pair = {name: torch.ones(2, 3, requires_grad=True) for name in ("seen", "idle", "unused")}
    caught = Caught(pair)
    for tensor in pair.values():
        tensor.register_post_accumulate_grad_hook(lambda each: setattr(each, "grad", None))  # as ZeRO does
    (pair["seen"][:, :2].sum() + 0 * pair["idle"].sum()).backward()
    assert caught.columns("seen").tolist() == [True, True, False]
    assert [bool(caught.columns(name).any()) for name in ("idle", "unused")] == [False, False]
    caught.leave()
    pair["idle"].sum().backward()
    assert not caught.columns("idle").any()


def test_what_is_trained_is_said_by_parts_before_the_first_step() -> None:
    told, model = Told(), torch.nn.Module()
    model.self_attn, model.mlp = pair(), torch.nn.ModuleDict({"experts": Experts()})
    proof = watching(told)
    proof.on_train_begin(None, None, None, model=model)
    assert told.noted == ["trains 28 parameters: attention 4, experts 24"]
    step(proof, model, **{name.replace(".", "_"): torch.ones_like(each) for name, each in model.named_parameters()})
    assert told.proved == [
        {"tensors": 3, "steps": 1, "attention_parameters": 4, "experts_parameters": 24, "experts": 3, "experts_idle": 0}
    ]


def test_it_costs_nothing_once_all_was_seen() -> None:
    proof = watching(Told())
    handler = proof.trainer.callback_handler
    step(proof, pair(), lora_A=ZERO, lora_B=ONE)
    assert proof in handler.callbacks
    step(proof, pair(), lora_A=ONE, lora_B=ONE)
    assert handler.callbacks == ["another"]
