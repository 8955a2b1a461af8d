"""Compiled layers: the same training, the same names, and a model that generates and is saved as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from safetensors.torch import load_file

from stagerun import Policy
from stagerun.testing import run_stage
from stagerun.worker.plain import PlainBackend
from stagerun_stages.models import compiling
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's compiler warns of itself


def sft(**options: object) -> Sft:
    given = {
        "lora": Lora(rank=4, alpha=8.0),
        "learning_rate": 1e-2,
        "max_steps": 4,
        "batch_size": 2,
        "save_steps": 2,
        **options,
    }
    return Sft(**given)


@pytest.fixture
def traced(monkeypatch) -> list[int]:
    """Compile without generating code: what is traced is what every backend gets."""
    counted: list[int] = []
    whole = compiling.compile_layers

    def compile_layers(model: object, mode: str = "default", backend: str = "") -> int:
        counted.append(whole(model, mode, backend or "eager"))
        return counted[-1]

    monkeypatch.setattr(compiling, "compile_layers", compile_layers)
    return counted


def weights(done) -> dict:
    return load_file(str(done.outputs["adapter"].path / "adapter_model.safetensors"))


def proofs(done) -> dict[str, dict]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


@pytest.mark.parametrize(
    "options", [{}, pytest.param({"gradient_checkpointing": True}, marks=pytest.mark.slow)], ids=["plain", "recomputed"]
)
def test_it_trains_the_same_and_every_name_in_the_file_is_that_of_an_uncompiled_run(
    options, model, data, rows, tmp_path: Path, traced
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(8))}
    plain = run_stage(sft(**options), tmp_path / "plain", inputs)
    done = run_stage(sft(compile=True, **options), tmp_path / "compiled", inputs)
    assert proofs(done)["compiled"] == {"layers": 2, "mode": "default"}
    assert proofs(done)["saved adapter"]["wrapped"] == 0
    assert list(weights(done)) == list(weights(plain))
    for step in (2, 4):
        name = f"checkpoints/step_{step:08d}/adapter_model.safetensors"
        assert list(load_file(tmp_path / "compiled" / name)) == list(load_file(tmp_path / "plain" / name))
    assert done.metrics["loss"] == pytest.approx(plain.metrics["loss"], rel=1e-5)


@pytest.mark.slow
def test_a_resumed_run_of_real_compiled_code_gives_the_same_bytes(
    model, data, rows, tmp_path: Path, dying_at, same_run
) -> None:
    stage, inputs = sft(compile=True), {"model": model("llama"), "train": data(rows(8))}
    run_stage(stage, tmp_path / "whole", inputs)
    with dying_at(4):
        run_stage(stage, tmp_path / "cut", inputs)
    again = run_stage(stage, tmp_path / "cut", inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [2]
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_answers_are_generated_by_the_layers_as_they_are_and_the_code_is_kept(model) -> None:
    import torch

    from stagerun_stages.models.attention import generating
    from stagerun_stages.models.loading import load_base

    policy = PlainBackend().policy()
    net = load_base(model("llama"), policy)
    ids = torch.arange(12)[None]
    plain = net(input_ids=ids).logits
    assert compiling.compile_layers(net, backend="eager") == 2
    first = net.model.layers[0]._compiled_call_impl
    with generating(net, policy):
        assert all(layer._compiled_call_impl is None for layer in net.model.layers)
        assert net(input_ids=ids).logits.equal(plain)
    assert net.model.layers[0]._compiled_call_impl is first
    assert net(input_ids=ids).logits.allclose(plain, atol=1e-5)


@pytest.mark.parametrize(
    ("wish", "mode", "expected"),
    [("auto", None, False), ("auto", "default", True), (True, None, True), (False, "max-autotune", False)],
)
def test_auto_does_as_the_backend_does(wish, mode, expected) -> None:
    options = {"compile_mode": mode} if mode else {}
    assert compiling.wanted(wish, options) is expected


def test_no_mode_makes_cuda_graphs() -> None:
    assert compiling.mode_of({"compile_mode": "max-autotune"}) == "max-autotune-no-cudagraphs"
    assert compiling.mode_of({}) == "default"


class Compiling(PlainBackend):
    """A backend that compiles."""

    def policy(self) -> Policy:
        return evolve(super().policy(), options={"compile_mode": "default"})


def test_a_mixture_of_experts_is_compiled_only_when_that_is_said(model, data, rows, tmp_path: Path, traced) -> None:
    inputs = {"model": model("gpt_oss"), "train": data(rows(4))}
    done = run_stage(sft(max_steps=1), tmp_path / "run", inputs, backend=Compiling())
    assert traced == []
    assert any("mixture of experts" in event["text"] for event in done.kinds("stage.note"))
