"""mlx-lm's fuse is believed only where its answers are those of base and adapter together."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import StageError
from stagerun.testing import run_stage


def test_a_fuse_that_gives_back_the_base_is_refused(mlx, sft, model, data, rows, tmp_path: Path, monkeypatch) -> None:
    from mlx_lm.tuner.lora import LoRALinear

    monkeypatch.setattr(LoRALinear, "fuse", lambda self, dequantize=False: self.linear)
    with pytest.raises(StageError, match=r"proof mlx fuse failed: .*kl_ratio 1\.0"):
        run_stage(sft(), tmp_path, {"model": model("llama"), "train": data(rows(4))}, backend=mlx)


def test_an_adapter_without_effect_is_told(mlx, sft, model, data, rows, tmp_path: Path) -> None:
    stage = sft(max_steps=1, warmup=1.0)  # a first step at rate 0 moves nothing
    done = run_stage(stage, tmp_path, {"model": model("llama"), "train": data(rows(4))}, backend=mlx)
    warnings = [event["text"] for event in done.kinds("stage.warning")]
    assert "the adapter does not change what the model answers" in warnings
