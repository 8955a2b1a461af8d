"""NVIDIA's driver: new enough, and new enough for the CUDA that the installed torch brings.

A driver runs programs of its own major CUDA version, whatever their minor, and of older ones: NVIDIA's "CUDA Compatibility".
Not covered: the forward-compatibility packages of data centres; GPUs that cannot be used at all: see the check of the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from stagerun import Checkup, Finding
from stagerun.checks.scene import hardware
from stagerun.registry import NotFound
from stagerun_backends.cuda import CUDA_LEAST, DRIVER_LEAST

RUNTIMES = ("nvidia-cuda-runtime", "nvidia-cuda-runtime-cu12")  # what torch's wheels bring, now and for CUDA 12
DRIVER_FOR: Mapping[int, str] = {12: DRIVER_LEAST, 13: "580.65"}  # the first for each: NVIDIA's CUDA release notes


def driver(checkup: Checkup) -> Iterator[Finding]:
    """The driver of the GPUs in use, where they are NVIDIA's."""
    with suppress(NotFound):
        for chosen, _ in hardware(checkup):
            if chosen.found.name == "cuda":
                yield from judged(chosen.probe.facts, runtime())


def judged(facts: Mapping[str, Any], built_for: str) -> Iterator[Finding]:
    """The driver against the least we take, and against `built_for`, the CUDA of the installed torch ('' when unknown)."""
    speaks = str(facts.get("cuda", "0.0"))
    found = f"driver {facts.get('driver', 'unknown')} speaks CUDA {speaks}"
    least = ".".join(map(str, CUDA_LEAST))
    if _numbers(speaks) < CUDA_LEAST:
        yield Finding(
            "driver", "CUDA", "fail", found, f"{least} or newer is needed", f"install driver {DRIVER_LEAST} or newer"
        )
        return
    yield Finding("driver", "CUDA", "pass", found)
    if not built_for:
        return
    ours = _numbers(built_for)[0]
    if ours > _numbers(speaks)[0]:
        fix = f"install driver {DRIVER_FOR.get(ours, '')} or newer, or a torch that was built for CUDA {_numbers(speaks)[0]}"
        yield Finding("driver", "torch", "fail", found, f"the installed torch is built for CUDA {built_for}", fix)
    else:
        yield Finding("driver", "torch", "pass", found=f"the installed torch is built for CUDA {built_for}")


def runtime() -> str:
    """The CUDA version that the installed torch brings; empty where it brings none."""
    from importlib.metadata import PackageNotFoundError, version

    for name in RUNTIMES:
        with suppress(PackageNotFoundError):
            return ".".join(version(name).split(".")[:2])
    return ""


def _numbers(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major) if major.isdecimal() else 0, int(minor) if minor.isdecimal() else 0
