"""Another attention while answers are generated: it is in force there, and afterwards everything is bit for bit as before."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from attrs import evolve

from stagerun import Policy
from stagerun.testing import run_stage
from stagerun.worker.plain import PlainBackend
from stagerun_stages.code.generate import Generate
from stagerun_stages.models.attention import generating, plain
from stagerun_stages.models.loading import load, load_base
from stagerun_stages.train.answers import answer
from stagerun_stages.train.options import Evaluation, Lora
from stagerun_stages.train.sft import Sft

SWITCHES = Policy("cpu", "float32", {"*": "sdpa"}, threads=1, generation={"llama": "eager"})


@pytest.fixture
def used(monkeypatch) -> list[str]:
    """The attention of every forward pass of a tiny Llama, in order."""
    from transformers import LlamaModel

    seen: list[str] = []
    whole = LlamaModel.forward

    def forward(self, *args, **named):
        seen.append(self.config._attn_implementation)
        return whole(self, *args, **named)

    monkeypatch.setattr(LlamaModel, "forward", forward)
    return seen


def test_generating_uses_the_other_one_and_training_gets_its_own_back_exactly(model, used) -> None:
    net = load_base(model("llama"), SWITCHES)
    ids = torch.arange(30)[None]
    before = net(input_ids=ids).logits
    with generating(net, SWITCHES):
        net.generate(input_ids=ids, max_new_tokens=2, do_sample=False, pad_token_id=0)
    assert set(used[1:]) == {"eager"}
    assert net.config._attn_implementation == "sdpa"
    assert net(input_ids=ids).logits.equal(before)


def test_it_comes_back_after_an_error_too(model) -> None:
    net = load_base(model("llama"), SWITCHES)
    with pytest.raises(KeyError), generating(net, SWITCHES):
        raise KeyError
    assert net.config._attn_implementation == "sdpa"


def test_where_both_are_the_same_nothing_is_set(model, monkeypatch) -> None:
    net = load_base(model("llama"), SWITCHES)
    monkeypatch.setattr(type(net), "set_attn_implementation", lambda *_: pytest.fail("it was set"))
    with generating(net, evolve(SWITCHES, generation={})):
        assert net.config._attn_implementation == "sdpa"


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # PEFT's, in transformers
def test_the_model_inside_an_adapter_is_found(model) -> None:
    from peft import LoraConfig, get_peft_model

    net = load_base(model("llama"), SWITCHES)
    assert plain(get_peft_model(net, LoraConfig(target_modules=["q_proj"]))) is net


class Switching(PlainBackend):
    """A backend that generates with another attention than it trains with."""

    def policy(self) -> Policy:
        return SWITCHES


def test_held_out_questions_are_asked_with_it_and_the_training_is_that_of_a_run_without(
    model, data, rows, tmp_path: Path, used, history
) -> None:
    asked = data([{"messages": [{"role": "user", "content": "say 1"}], "expect": "1 it is"}], "asked")
    inputs = {"model": model("llama"), "train": data(rows(6))}
    stage = Sft(lora=Lora(rank=4), max_steps=3, batch_size=2, evaluation=Evaluation(max_new_tokens=3))
    run_stage(stage, tmp_path / "without", inputs, backend=Switching())
    assert set(used) == {"sdpa"}
    used.clear()
    run_stage(stage, tmp_path / "with", inputs, {"heldout": (asked,)}, backend=Switching())
    assert used[0] == "eager"
    assert used[-1] == "eager"
    assert set(used) == {"eager", "sdpa"}
    assert history(tmp_path / "with") == history(tmp_path / "without")


def test_a_stage_that_only_answers_loads_the_model_with_it(model, data, tmp_path: Path, used) -> None:
    tasks = data([{"id": "t1", "statement": "say 1", "language": "python", "tests": "assert True"}], "tasks")
    run_stage(
        Generate(max_new_tokens=2), tmp_path / "run", {"model": model("llama"), "tasks": tasks}, backend=Switching()
    )
    assert set(used) == {"eager"}


def test_both_attentions_answer_alike(model) -> None:
    loaded = load(model("llama"), SWITCHES)
    prompts = [[1, 2, 3], [4, 5, 6, 7, 8]]

    def ask() -> list[list[int]]:
        return answer(loaded.model, loaded.tokenizer, prompts, longest=6, batch=2, before_each=lambda: None)

    first = ask()
    with generating(loaded.model, SWITCHES):
        assert ask() == first
