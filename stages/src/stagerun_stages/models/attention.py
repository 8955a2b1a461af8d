"""Which attention a model is computed with: where a wish cannot work, and another one while answers are generated.

GPT-OSS has attention sinks, a learned number in every softmax. torch's own attention has no place for them, the backward pass of
the flash kernels lacks them, and flex attention has them on a GPU only; asked for one of these transformers takes another
kernel with a single warning, or fails hours later. Flex attention in turn compiles anew for every length that a growing answer
has, so its model generates with eager attention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stagerun import Hardware, Policy
from stagerun_stages.train.packages import missing

SINKS = frozenset({"gpt_oss"})
STATEFUL = frozenset(  # layers that carry a state over from one token to the next, and so from one document to the next
    {
        "bamba", "falcon_h1", "falcon_mamba", "granitemoehybrid", "jamba", "lfm2", "lfm2_moe", "mamba", "mamba2", "nemotron_h",
        "qwen3_5", "qwen3_5_moe", "qwen3_next", "recurrent_gemma", "rwkv", "zamba", "zamba2",
    }
)  # fmt: skip
PACKAGES = {  # where `kernels` is installed, transformers takes the kernel from the hub
    "flash_attention_2": ("flash-attn", "kernels"),
    "flash_attention_3": ("flash-attn-3", "kernels"),
}
LEAST = {"flash_attention_2": (8, 0), "flash_attention_3": (9, 0)}  # compute capability, by the kernels' own documents


def misfits(wish: str, config: Mapping[str, Any] | None, hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option; `wish` is "auto" for the backend's own choice."""
    kind = str((config or {}).get("model_type", ""))
    name = hardware.policy.attention_for(kind) if wish == "auto" else wish
    told = f'attention is "{name}"'
    if kind in SINKS and (why := without_sinks(name, hardware.policy.device)):
        yield "attention", f"{told}, {why}; {_with_sinks(hardware)} works"
    elif wish != "auto" and name.startswith("flash"):
        for complaint in _flash(name, hardware):
            yield "attention", f"{told}, and {complaint}"


def without_sinks(name: str, device: str) -> str:
    """Why an implementation cannot train a model with sinks on a kind of device; empty when it can."""
    if "flash" in name:
        return "whose backward pass has no attention sinks"
    if name == "sdpa":
        return "which has no attention sinks"
    return "which has attention sinks on a GPU only" if name == "flex_attention" and device != "cuda" else ""


def _with_sinks(hardware: Hardware) -> str:
    return '"flex_attention"' if hardware.policy.device == "cuda" else '"eager"'


def _flash(name: str, hardware: Hardware) -> Iterator[str]:
    facts, device = hardware.probe.facts, hardware.probe.device
    found = str(facts.get("compute_capability", ""))
    if hardware.policy.device != "cuda":
        yield f'flash attention takes an NVIDIA GPU, not {device}; "sdpa" works'
    elif name in LEAST and found and tuple(int(part) for part in found.split(".")) < LEAST[name]:
        least = ".".join(str(part) for part in LEAST[name])
        yield f'{device} has compute capability {found}, {least} is needed; "sdpa" works'
    elif name in PACKAGES and (lacking := missing(hardware, *PACKAGES[name])):
        yield lacking


@contextmanager
def generating(model: Any, policy: Policy) -> Iterator[None]:
    """Answer with the attention that the backend wants for generating, and with no compiled layers; afterwards all is as before.

    Compiled layers would be compiled anew as the answer grows. Nothing is copied: the configuration names another function.
    """
    from stagerun_stages.models.compiling import uncompiled

    net = plain(model)
    before, wanted = net.config._attn_implementation, policy.attention_for(net.config.model_type, generating=True)
    with uncompiled(net):
        if wanted == before:
            yield
            return
        net.set_attn_implementation(wanted)
        try:
            yield
        finally:
            net.set_attn_implementation(before)


def plain(model: Any) -> Any:
    """The transformers model inside a PEFT model, or the model itself."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
