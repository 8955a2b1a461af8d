"""Apple's GPU through torch (MPS): when it is there, in which number format, and what torch cannot do on it.

MLX, Apple's own library for the same GPU, is a backend of its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from stagerun.contracts import Policy, Probe
from stagerun_backends.apple import Apple, NotApple, Version, look
from stagerun_backends.trial import torch_trial

LEAST: Version = (14,)  # what current torch for macOS is built for; also the first with bfloat16 for MPS
NATIVE = 2  # bfloat16 from M2 on; the M1 has no instructions for it and Metal computes it in float32
FALL_BACK = "PYTORCH_ENABLE_MPS_FALLBACK"
ON_THE_CPU = ("embedding_renorm_", "linalg_svd", "col2im", "upsample_nearest3d")  # ATen/mps/MPSFallback.mm, always


@frozen
class Mps:
    """Apple's GPU by torch: BF16 since M2, FP16 on M1. GPT-OSS attends eagerly: flex attention has no backward pass here."""

    seen: Probe | None = None
    name: str = "mps"
    rank: int = 20
    tells: ClassVar[Mapping[str, Sequence[str]]] = {
        "chip": (),
        "generation": tuple(f"m{number}" for number in range(1, 10)),
        "devices": (),
        "system": (),
        "unified_memory": (),
        "bf16": (),
        "fp8": (),
    }

    def probe(self) -> Probe:
        """Chip, macOS and memory; `memory_gb` is what Metal recommends as the GPU's share of the unified memory."""
        return self.seen or _probe()

    def environ(self) -> Mapping[str, str]:
        """Operators that MPS lacks are computed on the CPU instead of ending the run; torch warns of each once by name."""
        return {FALL_BACK: os.environ.get(FALL_BACK, "1")}

    def policy(self) -> Policy:
        """Options: `on_the_cpu`, operators that torch never computes on this GPU; `trial` names what else falls back."""
        return Policy(
            device="mps",
            dtype=dtype(self.probe()),
            attention={"gpt_oss": "eager", "*": "sdpa"},
            options={"on_the_cpu": ON_THE_CPU},
        )

    def trial(self) -> str:
        """Multiply and take a training step on the GPU; names operators that fell back; raises RuntimeError with why not."""
        return torch_trial("mps", self.policy().dtype)


def _probe() -> Probe:
    try:
        return judged(look())
    except NotApple as error:
        return Probe(False, "", str(error))


def judged(apple: Apple) -> Probe:
    """A Mac as this backend sees it."""
    if apple.system < LEAST:
        found = ".".join(map(str, apple.system)) or "of unknown version"
        return Probe(
            False, apple.device, f"macOS {found} is too old for torch on the GPU: update to {LEAST[0]} or newer"
        )
    facts = {**apple.facts(), "bf16": True, "fp8": False}
    return Probe(True, apple.device, "", round(apple.working_bytes / 2**30, 1), facts)


def dtype(found: Probe) -> str:
    """The number format for a Mac: bfloat16 where the chip computes it, else float16."""
    number = str(found.facts.get("generation", "")).removeprefix("m")
    native = number.isdecimal() and int(number) >= NATIVE
    return "bfloat16" if native and found.facts.get("bf16") else "float16"
