"""Same model, data and seed: MLX and torch take the same steps. Only the engine differs between the two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stagerun import Policy, Probe
from stagerun.testing import run_stage

STEPS = 50
NEAR = 1e-3
ROW = ("loss", "token_accuracy", "grad_norm", "learning_rate")


class Torch:
    """The CPU as the other backend uses it, under a name that is not mlx."""

    name, rank = "cpu", 0

    def probe(self) -> Probe:
        return Probe(available=True, device="this process")

    def environ(self) -> dict[str, str]:
        return {}

    def policy(self) -> Policy:
        return Policy(device="cpu", dtype="float32", attention={"*": "eager"}, threads=1)


@pytest.fixture
def both(sft, mlx, model, data, rows, tmp_path: Path, history) -> Any:
    """`both(**options)`: rows of metrics and the finished stage, with MLX and with torch."""

    def run(**options: Any) -> list[tuple[list[dict[str, Any]], Any]]:
        inputs = {"model": model("llama"), "train": data(rows(13)), "validation": data(rows(5), "validation")}
        made = []
        for name, backend in (("mlx", mlx), ("torch", Torch())):
            root = tmp_path / name
            done = run_stage(sft(save_steps=0, **options), root, inputs, backend=backend, seed=4)
            made.append((history(root), done))
        return made

    return run


@pytest.mark.parametrize(
    "options",
    [
        {"max_steps": STEPS, "learning_rate": 3e-3, "weight_decay": 0.1, "max_grad_norm": 0.5, "warmup": 0.2},
        {"max_steps": 12, "accumulation": 2, "schedule": "cosine", "logging_steps": 3, "max_grad_norm": 0.0},
        {"max_steps": 6, "gradient_checkpointing": True, "assistant_only": False, "trainer": {"adam_beta2": 0.99}},
    ],
)
def test_the_losses_agree(options, both) -> None:
    (ours, done), (theirs, torch_done) = both(**options)
    assert [row["step"] for row in ours] == [row["step"] for row in theirs]
    assert [list(row) for row in ours] == [list(row) for row in theirs]
    for name in ROW:
        furthest = max(abs(one[name] - other[name]) for one, other in zip(ours, theirs, strict=True))
        assert furthest < NEAR, name
    assert ours[-1]["loss"] < ours[0]["loss"] - 10 * NEAR  # they went somewhere
    assert abs(done.metrics["eval_loss"] - torch_done.metrics["eval_loss"]) < NEAR
    assert done.metrics.keys() == torch_done.metrics.keys()


def test_before_the_first_step_both_have_the_same_adapter_to_the_bit(both) -> None:
    from safetensors.numpy import load_file

    made = [done.outputs["adapter"].path / "adapter_model.safetensors" for _, done in both(max_steps=1, warmup=1.0)]
    ours, theirs = (load_file(file) for file in made)  # a first step at rate 0 moves nothing
    assert ours.keys() == theirs.keys()
    assert all((ours[name] == theirs[name]).all() for name in ours)
    assert any(ours[name].any() for name in ours)


def test_the_adapters_folders_differ_in_nothing_but_rounding(both) -> None:
    folders = [done.outputs["adapter"].path for _, done in both(max_steps=3)]
    ours, theirs = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders)
    assert ours.keys() == theirs.keys()
    assert {name for name in ours if ours[name] != theirs[name]} == {"adapter_model.safetensors"}
    assert len(ours["adapter_model.safetensors"]) == len(theirs["adapter_model.safetensors"])


def test_evaluation_while_it_trains_is_told_alike(both) -> None:
    (ours, _), (theirs, _) = both(max_steps=4, trainer={"eval_strategy": "steps", "eval_steps": 2})
    names = [[name for name in row if name.startswith("eval_")] for row in theirs]
    assert [[name for name in row if name.startswith("eval_")] for row in ours] == names
    assert sum("eval_loss" in row for row in ours) == 2
    for one, other in zip(ours, theirs, strict=True):
        assert all(abs(one[name] - other[name]) < NEAR for name in one if name.startswith("eval_"))
