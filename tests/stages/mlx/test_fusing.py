"""mlx-lm's fuse is believed only where its answers are those of base and adapter together."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import StageError
from stagerun.testing import run_stage


def adapted_in_bfloat16(base):
    """A model in 16 bits with an adapter that changes little."""
    import mlx.core as mx
    from mlx_lm.tuner.utils import linear_to_lora_layers

    from stagerun_stages.mlx import loading

    mx.disable_compile()
    mx.random.seed(2)
    net = loading.load(base, "bfloat16")
    net.freeze()
    linear_to_lora_layers(net, 2, {"rank": 4, "scale": 2.0, "dropout": 0.0})
    for layer in net.layers:
        for part in (layer.self_attn.q_proj, layer.mlp.down_proj):
            part.lora_b = 0.05 * mx.random.normal(part.lora_b.shape)
    return net


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


def test_rounding_in_16_bits_is_no_fault(mlx, model) -> None:
    from stagerun_stages.mlx.fusing import LIMIT, LOOSE, prove_fuse

    proved: dict[str, float] = {}

    class Listening:
        def prove(self, name: str, passed: bool, **evidence: float) -> None:
            proved.update(evidence, passed=passed)

    net = adapted_in_bfloat16(model("llama"))
    prove_fuse(Listening(), net, [list(range(40)), list(range(60, 90))], "bfloat16")
    assert proved["passed"]
    assert LIMIT < proved["limit"] == LOOSE
