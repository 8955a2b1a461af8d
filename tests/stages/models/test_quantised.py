"""Weights in 4 bits, for real on a CPU: they are proven, the adapter learns on them, and it is merged into the full weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.models.merge import Merge
from stagerun_stages.models.quantised import refuse_quantised
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

pytest.importorskip(
    "bitsandbytes", reason="4 bits are bitsandbytes'; it is not among the packages of a usual installation"
)
pytestmark = pytest.mark.filterwarnings("ignore")


def proofs(done) -> dict[str, dict]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


@pytest.fixture
def trained(model, data, rows, tmp_path: Path):
    """A training of four steps on the tiny Llama in 4 bits."""
    stage = Sft(lora=Lora(rank=4), learning_rate=1e-2, max_steps=4, batch_size=2, save_steps=2, quantize="4bit")
    return run_stage(stage, tmp_path / "sft", {"model": model("llama"), "train": data(rows(8))})


def test_the_layers_are_in_4_bits_and_every_target_learns_on_them(trained) -> None:
    assert proofs(trained)["4 bits"] == {"layers": 14, "linear": 15}  # the head is the fifteenth
    assert trained.metrics["loss"] < trained.metrics["first_loss"]
    assert proofs(trained)["targets"]["tensors"] == proofs(trained)["saved adapter"]["tensors"] == 28


def test_the_adapter_is_merged_into_the_weights_as_they_were(trained, model, tmp_path: Path) -> None:
    done = run_stage(Merge(), tmp_path / "merge", {"model": trained.outputs["adapter"]})
    assert proofs(done)["merge"]["kl_ratio"] < 1e-6
    merged = load_file(str(done.outputs["model"].path / "model.safetensors"))
    base = load_file(str(model("llama").path / "model.safetensors"))
    assert list(merged) == list(base)
    untouched = [name for name in base if "proj" not in name]
    assert all(merged[name].equal(base[name]) for name in untouched)


def test_an_adapter_is_not_merged_into_weights_that_are_rounded() -> None:
    class Quantised:
        is_quantized = True

    with pytest.raises(StageError, match="merging would round the adapter away"):
        refuse_quantised(Quantised(), "somebody/model-bnb-4bit")
