"""A tensor of the adapter that never gets a gradient, and a model that was read wrongly, end the training."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import StageError
from stagerun.testing import run_stage


def test_a_layer_that_the_model_passes_by_is_named(mlx, sft, model, data, rows, tmp_path: Path, monkeypatch) -> None:
    from mlx_lm.models.llama import Attention
    from mlx_lm.tuner.lora import LoRALinear

    whole = Attention.__call__

    def passing(self, *given, **named):
        layer = self.v_proj
        if isinstance(layer, LoRALinear):
            self.v_proj = layer.linear
        try:
            return whole(self, *given, **named)
        finally:
            self.v_proj = layer

    monkeypatch.setattr(Attention, "__call__", passing)
    with pytest.raises(StageError, match=r"proof targets failed: .*v_proj\.lora_"):
        run_stage(sft(max_steps=12), tmp_path, {"model": model("llama"), "train": data(rows(4))}, backend=mlx)


def test_a_model_worse_than_ignorance_is_refused(mlx, sft, model, data, rows, tmp_path: Path, monkeypatch) -> None:
    from stagerun_stages.mlx import loading

    load = loading.load

    def wild(base, dtype):
        net = load(base, dtype)
        net.lm_head.weight = net.lm_head.weight * 100
        return net

    monkeypatch.setattr(loading, "load", wild)
    with pytest.raises(StageError, match="proof first loss failed"):
        run_stage(sft(), tmp_path, {"model": model("llama"), "train": data(rows(4))}, backend=mlx)
