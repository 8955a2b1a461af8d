"""On backend mlx what has no MLX computes with torch, on the device that the backend names for it, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stagerun.testing import run_stage
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.options import Lora


def notes(done: Any) -> list[str]:
    return [event["text"] for event in done.kinds("stage.note")]


def test_a_preference_training_computes_with_torch(mlx, model, data, rows, tmp_path: Path) -> None:
    other = [{"role": "assistant", "content": "no way"}]
    pairs = [{"prompt": r["messages"][:1], "chosen": r["messages"][1:], "rejected": other} for r in rows(4)]
    stage = Dpo(lora=Lora(rank=4), learning_rate=3e-3, max_steps=2, batch_size=2)
    done = run_stage(stage, tmp_path, {"model": model("llama"), "train": data(pairs)}, backend=mlx)
    assert any(f"computes with torch on {mlx.policy().device}" in note for note in notes(done))
    assert done.metrics["first_loss"] == pytest.approx(25.0, abs=1e-3)


def test_so_does_train_sft_when_it_is_told_to(mlx, sft, model, data, rows, tmp_path: Path) -> None:
    stage, inputs = sft(engine="trl", max_steps=1), {"model": model("llama"), "train": data(rows(4))}
    assert any("computes with torch" in note for note in notes(run_stage(stage, tmp_path, inputs, backend=mlx)))
