"""Frozen weights in 4 bits while an adapter is trained on them: bitsandbytes' NF4, as in QLoRA (Dettmers et al. 2023).

Linear layers are quantised, never fused experts, which are parameters. The adapter itself is not; it is merged into the weights
as they were, which `model.merge` loads anew and proves. bitsandbytes has code for NVIDIA GPUs and, slowly, for CPUs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stagerun import Ctx, Hardware, Policy, StageError
from stagerun_stages.train.packages import missing
from stagerun_stages.train.precision import has_experts

DEVICES = ("cuda", "cpu")
LINEAR = "Linear4bit"


def misfits(quantize: str, config: Mapping[str, Any] | None, hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option."""
    if quantize != "4bit":
        return
    told = 'quantize is "4bit"'
    if hardware.policy.device not in DEVICES:
        where = f"{hardware.probe.device} ({hardware.backend})"
        yield "quantize", f'{told}, for which bitsandbytes has no code on {where}; "none" works there'
    elif lacking := missing(hardware, "bitsandbytes"):
        yield "quantize", f"{told}, and {lacking}"
    if has_experts(config):
        kind = (config or {}).get("model_type", "this model")
        yield "quantize", f'{told}, and most weights of {kind} are experts, which stay in 16 bits; "none" works'


def settings(policy: Policy) -> dict[str, Any]:
    """What `from_pretrained` is given. Raises StageError when bitsandbytes is missing."""
    import torch
    from transformers import BitsAndBytesConfig

    try:
        import bitsandbytes  # noqa: F401 - transformers says what is missing only after the weights are read
    except ImportError as error:
        raise StageError('quantize is "4bit", and bitsandbytes is not installed', "pip install bitsandbytes") from error
    how = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, policy.dtype),
    )
    return {"quantization_config": how, "device_map": {"": policy.device}}


def prove_quantised(ctx: Ctx, model: Any) -> None:
    """Prove that linear layers are in 4 bits, and say how many are not (the output head is left as it is)."""
    import torch

    found = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    small = sum(type(module).__name__ == LINEAR for module in found)
    ctx.prove("4 bits", small > 0, layers=small, linear=len(found))


def refuse_quantised(model: Any, source: str) -> None:
    """Raises StageError for a model in 4 or 8 bits: an adapter cannot be merged exactly into weights that are rounded."""
    if getattr(model, "is_quantized", False):
        raise StageError(
            f"{source} is quantised, and merging would round the adapter away",
            "merge into the model that was not quantised: name it as the base",
        )
