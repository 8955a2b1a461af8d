"""Failures that training libraries pass over without a word, provoked on real models: each is refused or named here.

Those that rows, options, packing, merges and exports can have stand with the tests of their own modules.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.train import run_dpo
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft


def sft(kind: str, **options: object) -> Sft:
    """A stage of eight quick steps."""
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    return Sft(**{"lora": lora, "learning_rate": 1e-2, "max_steps": 8, "batch_size": 2, "save_steps": 3, **options})


def test_experts_that_a_kernel_passes_over_are_found(model, data, rows, tmp_path: Path, monkeypatch) -> None:
    from peft.tuners.lora.layer import ParamWrapper

    # the adapter of the experts is there, saved and counted, and the forward pass never adds it
    monkeypatch.setattr(ParamWrapper, "_activate_lora", lambda *_, **__: nullcontext())
    with pytest.raises(StageError, match="proof targets failed: tensors .*without_gradient .*experts"):
        run_stage(sft("gpt_oss", max_steps=12), tmp_path / "run", {"model": model("gpt_oss"), "train": data(rows(8))})


def test_a_checkpoint_that_lost_its_optimizer_is_not_resumed(
    model, data, rows, tmp_path: Path, dying_at, same_run
) -> None:
    stage, inputs = sft("llama"), {"model": model("llama"), "train": data(rows(11))}
    run_stage(stage, tmp_path / "whole", inputs)
    with dying_at(7):
        run_stage(stage, tmp_path / "cut", inputs)
    [lost] = (tmp_path / "cut").rglob("step_*6/optimizer.pt")
    lost.unlink()
    again = run_stage(stage, tmp_path / "cut", inputs)
    [rejected] = again.kinds("checkpoint.rejected")
    assert "optimizer.pt" in rejected["why"]
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [3]
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_checkpoint_of_an_earlier_format_is_named_and_not_read(
    model, data, rows, tmp_path: Path, dying_at, monkeypatch
) -> None:
    stage, inputs = sft("llama"), {"model": model("llama"), "train": data(rows(11))}
    with dying_at(4), monkeypatch.context() as patch:
        patch.setattr("stagerun_stages.train.trainer.FORMAT", 1)
        run_stage(stage, tmp_path / "run", inputs)
    with pytest.raises(
        StageError, match="checkpoint of step 3 is of an earlier version, .* remove .*checkpoints to begin"
    ):
        run_stage(stage, tmp_path / "run", inputs)


def test_a_reference_that_is_not_the_start_is_found(model, data, rows, tmp_path: Path, monkeypatch) -> None:
    make = run_dpo._trainer

    def without_reference(*given):
        trainer = make(*given)
        for name, parameter in trainer.model.named_parameters():
            if ".ref." in name:
                parameter.data.zero_()  # as if the base were the reference of a continued adapter
        return trainer

    base = model("llama")
    start = run_stage(sft("llama"), tmp_path / "sft", {"model": base, "train": data(rows(6), "sft")})
    other = [{"role": "assistant", "content": "no way"}]
    pairs = [{"prompt": r["messages"][:1], "chosen": r["messages"][1:], "rejected": other} for r in rows(4)]
    monkeypatch.setattr(run_dpo, "_trainer", without_reference)
    with pytest.raises(StageError, match=r"proof reference failed: first_loss 1\d\..*, expected 2[45]"):
        run_stage(
            Dpo(max_steps=2, batch_size=2), tmp_path / "run", {"model": start.outputs["adapter"], "train": data(pairs)}
        )
