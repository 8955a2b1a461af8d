"""NVIDIA's GPUs: what is here, asked of the driver in milliseconds and without torch, and how each generation is used.

How a stage uses what the policy says (compilation, FP8, kernels) is the stages' own affair. Machines that differ in their GPUs
are judged by the weakest, since all of them would have to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from attrs import frozen

from stagerun.contracts import Policy, Probe
from stagerun_backends import machine, nvml, smi
from stagerun_backends.nvidia import GENERATIONS, OLDEST, Gpu, Nvidia, Unreadable, Version, generation, plugged_in
from stagerun_backends.trial import torch_trial

VISIBLE = "CUDA_VISIBLE_DEVICES"
CUDA_LEAST: Version = (12, 1)
DRIVER_LEAST = "530.30"  # the first driver for CUDA 12.1: NVIDIA's CUDA release notes, table of drivers
AMPERE: Version = (8, 0)  # bfloat16 and TF32 from here on: CUDA C++ programming guide, arithmetic by compute capability
ADA: Version = (8, 9)  # FP8 from here on, same place
HOPPER: Version = (9, 0)
ALLOCATOR = ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF")  # the first is the one that every torch understands
CARD = "an NVIDIA device"  # one that cannot be asked its name
INSTALL = f"install driver {DRIVER_LEAST} or newer; in a container, start it with --gpus all"


@frozen
class Cuda:
    """NVIDIA GPUs from compute capability alone: BF16 since Ampere, FP16 before; FP8 is offered since Ada.

    GPT-OSS trains on flex attention and generates eagerly: its attention sinks are lost in FlashAttention 2, and the backward
    pass of FlashAttention 3 leaves them out as well, so neither is ever chosen. Everything else takes SDPA.
    """

    seen: Probe | None = None
    name: str = "cuda"
    rank: int = 30
    tells: ClassVar[Mapping[str, Sequence[str]]] = {
        "generation": (*(name for _, name in GENERATIONS), OLDEST),
        "compute_capability": (),
        "devices": (),
        "driver": (),
        "cuda": (),
        "bf16": (),
        "fp8": (),
    }

    def probe(self) -> Probe:
        """The GPUs that CUDA_VISIBLE_DEVICES leaves, and the driver; unavailable below CUDA 12.1, with what to do."""
        return self.seen or _probe(os.environ.get(VISIBLE))

    def environ(self) -> Mapping[str, str]:
        """Memory that grows in place instead of in pieces, and GPUs numbered as the driver numbers them.

        Where the user has said something of these, it stands. `expandable_segments` is torch's own advice against
        fragmentation (its CUDA notes); without the order, CUDA counts the fastest GPU first and the driver does not.
        """
        own = {} if any(name in os.environ for name in ALLOCATOR) else {ALLOCATOR[0]: "expandable_segments:True"}
        return {**own, "CUDA_DEVICE_ORDER": os.environ.get("CUDA_DEVICE_ORDER", "PCI_BUS_ID")}

    def policy(self) -> Policy:
        """By generation. Options: `compile_mode` for torch.compile, since Ampere; `tf32` for what is left in float32."""
        capability = _capability(self.probe().facts)
        return Policy(
            device="cuda",
            dtype="bfloat16" if capability >= AMPERE else "float16",
            attention={"gpt_oss": "flex_attention", "*": "sdpa"},
            generation={"gpt_oss": "eager"},
            options=_options(capability),
        )

    def trial(self) -> str:
        """Multiply on the first GPU, in the policy's number format; raises RuntimeError with why it cannot."""
        return torch_trial("cuda", self.policy().dtype)


def _options(capability: Version) -> Mapping[str, Any]:
    if capability < AMPERE:
        return {"tf32": False}
    return {"compile_mode": "max-autotune" if capability >= HOPPER else "default", "tf32": True}


@cache
def _probe(said: str | None) -> Probe:
    return probe(said, _read)


def probe(said: str | None, read: Callable[[str | None], Nvidia | None]) -> Probe:
    """What `read` finds, judged. `said` is the value of CUDA_VISIBLE_DEVICES."""
    try:
        found = read(said)
    except Unreadable as error:
        return _absent(str(error)) if error.unloaded else Probe(False, CARD, str(error))
    if found is None:
        return _absent("neither libnvidia-ml.so.1 nor nvidia-smi")
    if not found.gpus:
        return Probe(False, "", _hidden(said, found))
    if found.cuda is None or found.cuda < CUDA_LEAST:
        return Probe(False, _device(found.gpus), _too_old(found))
    return Probe(True, _device(found.gpus), "", _memory(found.gpus), facts(found))


def _read(said: str | None) -> Nvidia | None:
    return nvml.read(said) or smi.read(said)


def facts(found: Nvidia) -> dict[str, Any]:
    """What profiles and stages may ask, by the names in `Hardware`."""
    capability = min(gpu.capability for gpu in found.gpus)
    return {
        "devices": len(found.gpus),
        "generation": generation(capability),
        "compute_capability": _dotted(capability),
        "driver": found.driver,
        "cuda": _dotted(found.cuda or (0, 0)),
        "bf16": capability >= AMPERE,
        "fp8": capability >= ADA,
    }


def _device(gpus: Sequence[Gpu]) -> str:
    """'NVIDIA H100 80GB HBM3', '2 x NVIDIA H100 80GB HBM3', 'NVIDIA L4 and NVIDIA T4'."""
    names = [gpu.name for gpu in gpus]
    counted = [f"{names.count(name)} x {name}" if names.count(name) > 1 else name for name in dict.fromkeys(names)]
    return " and ".join(counted)


def _memory(gpus: Sequence[Gpu]) -> float:
    return round(min(gpu.memory_bytes or machine.look().memory_bytes for gpu in gpus) / 2**30, 1)


def _absent(why: str) -> Probe:
    """Without a driver; a card may be there all the same, also one that is not meant for this container."""
    what = f"there is no NVIDIA driver ({why})"
    return Probe(False, CARD, f"{what}: {INSTALL}") if plugged_in() else Probe(False, "", what)


def _too_old(found: Nvidia) -> str:
    speaks = f"speaks CUDA {_dotted(found.cuda)}" if found.cuda else "does not say which CUDA it speaks"
    needed = f"{_dotted(CUDA_LEAST)} or newer is needed"
    return f"driver {found.driver} {speaks}, and {needed}: install driver {DRIVER_LEAST} or newer"


def _hidden(said: str | None, found: Nvidia) -> str:
    if found.installed and said is not None:
        return f'{VISIBLE}="{said}" leaves none of the {found.installed} GPUs: unset it, or name one'
    what = "every GPU is divided (MIG) and has no instance" if found.installed else "the driver finds no GPU"
    return f"{what}: see nvidia-smi"


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def _capability(told: Mapping[str, Any]) -> Version:
    """What the facts say; of a described machine that leaves it out, the least of its generation."""
    major, _, minor = str(told.get("compute_capability", "")).partition(".")
    if major:
        return int(major), int(minor or 0)
    return next((least for least, name in GENERATIONS if name == told.get("generation")), (0, 0))
