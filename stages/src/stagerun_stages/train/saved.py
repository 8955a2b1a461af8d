"""Proves that a written adapter holds what was trained: every trained tensor, under its plain name, value for value.

Savers have left out experts, kept the names of wrappers (`_orig_mod.`), and written what was never trained; such a file loads
without a word. Names are worked out here, not by the library that wrote the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stagerun import Ctx
from stagerun_stages.models.compiling import WRAPPER
from stagerun_stages.models.lineage import WEIGHTS
from stagerun_stages.models.lora import trainable

SHOWN = 5


def prove_saved(ctx: Ctx, model: Any, folder: Path) -> None:
    """Compare the file in `folder` with the model's trained tensors, one at a time; raises StageError when one is not there.

    A meeting of all processes where each has but parts of them.
    """
    from safetensors import safe_open

    from stagerun_stages.train import sharded

    whole = sharded.adapter_weights(model) or trainable(model)
    trained = {plain_name(name): tensor for name, tensor in whole.items()}
    with safe_open(str(folder / WEIGHTS), framework="pt") as file:
        names = set(file.keys())
        lost = [
            name for name, tensor in trained.items() if name not in names or not _same(tensor, file.get_tensor(name))
        ]
    wrapped = sum(WRAPPER in name for name in names)
    evidence: dict[str, Any] = {"tensors": len(trained), "in_file": len(names), "wrapped": wrapped}
    if lost:
        evidence["lost"] = sorted(lost)[:SHOWN]
    ctx.prove("saved adapter", bool(trained) and not lost and not wrapped, **evidence)


def plain_name(name: str) -> str:
    """A tensor's name in the file: as in the model, without the adapter's name (PEFT 0.21)."""
    plain = name.replace(".modules_to_save.default", "").replace(".default", "")
    return plain.removesuffix(".weight") if plain.endswith("lora_magnitude_vector.weight") else plain


def _same(tensor: Any, written: Any) -> bool:
    import torch

    from stagerun_stages.train.sharded import whole

    return torch.equal(whole(tensor.detach()).cpu(), written)
