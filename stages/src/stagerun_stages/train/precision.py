"""The number format a training computes in: what the option means on a backend, and where it cannot work.

`fp8` keeps weights in bfloat16 and multiplies in 8 bits; how that is done and proven is in fp8.py. Plain data: importing this
loads no training library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import evolve

from stagerun import Hardware, Policy
from stagerun_stages.train.packages import missing

Precision = Literal["auto", "float32", "bfloat16", "float16", "fp8"]
MIXED: Mapping[str, str] = {"float32": "no", "bfloat16": "bf16", "float16": "fp16"}  # in accelerate's words
ACCELERATE = "ACCELERATE_MIXED_PRECISION"
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")  # names of configurations of mixtures of experts


def in_force(precision: Precision, policy: Policy) -> Policy:
    """The backend's policy with the dtype that weights are loaded in."""
    if precision == "auto":
        return policy
    return evolve(policy, dtype="bfloat16" if precision == "fp8" else precision)


def mixed(precision: Precision, policy: Policy) -> str:
    """What accelerate calls it. transformers takes it from the environment unless bf16 or fp16 is set, which TRL does unasked."""
    return "fp8" if precision == "fp8" else MIXED[in_force(precision, policy).dtype]


def has_experts(config: Mapping[str, Any] | None) -> bool:
    """Whether a configuration is that of a mixture of experts, whose experts are parameters and no linear layers."""
    return any(int((config or {}).get(name) or 0) > 1 for name in EXPERTS)


def misfits(precision: Precision, config: Mapping[str, Any] | None, hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option."""
    device, facts = hardware.probe.device, hardware.probe.facts
    if precision == "bfloat16" and facts.get("bf16") is False:
        yield "precision", f'precision is "bfloat16", and {device} has none; {_instead(hardware)} works there'
    if precision == "float16" and hardware.policy.device == "cpu":
        yield "precision", f'precision is "float16", which does not train on a CPU; {_instead(hardware)} works there'
    if precision == "fp8" and not facts.get("fp8"):
        least = "FP8 takes an NVIDIA GPU of compute capability 8.9 or more (Ada, Hopper, Blackwell)"
        yield "precision", f'precision is "fp8", and {device} has none: {least}; {_instead(hardware)} works there'
    elif precision == "fp8" and (lacking := missing(hardware, "torchao")):
        yield "precision", f'precision is "fp8", and {lacking}'
    if precision == "fp8" and has_experts(config):
        kind = (config or {}).get("model_type", "this model")
        what = f'precision is "fp8", and the experts of {kind} are parameters: FP8 takes linear layers only'
        yield "precision", f"{what}; {_instead(hardware)} works"


def _instead(hardware: Hardware) -> str:
    if hardware.probe.facts.get("bf16", hardware.policy.dtype == "bfloat16"):
        return '"bfloat16"'
    return '"float32"' if hardware.policy.device == "cpu" else '"float16"'
