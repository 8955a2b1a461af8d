"""An adapter's file is compared with what was trained, and each way in which savers have lied is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from stagerun import StageError
from stagerun.worker.plain import PlainBackend
from stagerun_stages.train.saved import plain_name, prove_saved

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # PEFT's, in transformers
FILE = "adapter_model.safetensors"


class Ctx:
    """Takes proofs as a stage's context does."""

    def __init__(self) -> None:
        self.proofs: dict[str, dict] = {}

    def prove(self, name: str, passed: bool, **evidence) -> None:
        self.proofs[name] = evidence
        if not passed:
            raise StageError(f"{name} did not hold")


@pytest.fixture(params=["llama", "gpt_oss"])
def trained(request, model, tmp_path: Path):
    """A PEFT model and its written adapter."""
    from peft import get_peft_model

    from stagerun_stages.models.loading import load_base
    from stagerun_stages.models.lora import find_targets, lora_config
    from stagerun_stages.train.options import Lora

    lora = Lora(rank=4, experts=request.param == "gpt_oss")
    net = load_base(model(request.param), PlainBackend().policy())
    made = get_peft_model(net, lora_config(lora, find_targets(net, lora)))
    made.save_pretrained(str(tmp_path))
    return made, tmp_path


def test_a_faithful_file_passes_with_its_count(trained) -> None:
    net, folder = trained
    ctx = Ctx()
    prove_saved(ctx, net, folder)
    count = len(load_file(folder / FILE))
    assert ctx.proofs["saved adapter"] == {"tensors": count, "in_file": count, "wrapped": 0}


@pytest.mark.parametrize(
    "fault", ["a tensor is left out", "a value differs", "a wrapper's name", "nothing was trained"]
)
def test_a_file_that_lies_is_seen(trained, fault: str) -> None:
    net, folder = trained
    tensors = load_file(folder / FILE)
    name = next(iter(tensors))
    if fault == "a tensor is left out":
        del tensors[name]
    elif fault == "a value differs":
        tensors[name] = tensors[name] + 1e-3
    elif fault == "a wrapper's name":
        tensors[name.replace("base_model.model.", "base_model.model._orig_mod.")] = tensors.pop(name)
    else:
        net.requires_grad_(False)
    save_file(tensors, folder / FILE)
    with pytest.raises(StageError, match="saved adapter did not hold"):
        prove_saved(Ctx(), net, folder)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base_model.model.q_proj.lora_A.default.weight", "base_model.model.q_proj.lora_A.weight"),
        ("q_proj.lora_magnitude_vector.default.weight", "q_proj.lora_magnitude_vector"),
        ("lm_head.modules_to_save.default.weight", "lm_head.weight"),
    ],
)
def test_names_are_worked_out_without_the_library(name: str, expected: str) -> None:
    assert plain_name(name) == expected
