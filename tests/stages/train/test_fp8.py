"""FP8 is in force or the training does not begin. On a CPU the converted layers compute by emulation: real rounding, no speed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from safetensors.torch import load_file

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.precision import ACCELERATE
from stagerun_stages.train.sft import Sft

pytest.importorskip("torchao", reason="FP8 is torchao's; it is not among the packages of a usual installation")
pytestmark = pytest.mark.filterwarnings("ignore")  # torchao looks for parts that a CPU does not have


@pytest.fixture(autouse=True)
def _environment_as_before(monkeypatch) -> None:
    monkeypatch.setenv(ACCELERATE, "no")


def sft(**options: object) -> Sft:
    given = {"lora": Lora(rank=4, alpha=8.0), "learning_rate": 1e-2, "max_steps": 3, "batch_size": 2, **options}
    return Sft(**given)


def proofs(done) -> dict[str, dict]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


def test_it_trains_and_proves_which_layers_are_in_8_bits(model, data, rows, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data(rows(8))}
    done = run_stage(sft(precision="fp8"), tmp_path / "fp8", inputs)
    assert proofs(done)["fp8"] == {
        "mixed_precision": "fp8",
        "layers": 14,
        "emulated": True,
    }  # seven in each of two, not the head
    assert done.metrics["loss"] < done.metrics["first_loss"]
    plain = run_stage(sft(precision="bfloat16"), tmp_path / "bf16", inputs)
    assert done.metrics["first_loss"] != plain.metrics["first_loss"]  # it does round
    assert done.metrics["first_loss"] == pytest.approx(plain.metrics["first_loss"], rel=0.05)
    ours, theirs = (load_file(str(one.outputs["adapter"].path / "adapter_model.safetensors")) for one in (done, plain))
    assert list(ours) == list(theirs)


def test_a_trainer_that_fell_back_to_bfloat16_is_stopped_before_its_first_step(
    model, data, rows, tmp_path: Path, monkeypatch
) -> None:
    from stagerun_stages.train import run_sft

    whole = run_sft.build

    def build(config_class, given, passed):
        return whole(config_class, {**given, "bf16": True}, passed)  # what TRL does when nothing is said

    monkeypatch.setattr(run_sft, "build", build)
    with pytest.raises(StageError, match="fp8"):
        run_stage(sft(precision="fp8"), tmp_path / "run", {"model": model("llama"), "train": data(rows(4))})
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_what_the_environment_says_of_precision_is_not_heard(model, data, rows, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv(ACCELERATE, "fp8")
    run_stage(sft(max_steps=1), tmp_path / "run", {"model": model("llama"), "train": data(rows(4))})
    assert os.environ[ACCELERATE] == "no"
