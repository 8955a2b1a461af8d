"""A Mac before hours of training: its chip, macOS and memory, what it will do to the machine, and how long it takes in truth.

That the GPU computes at all is the backend's `trial`, which the check of the device runs.

How long: a GPU core of an M4 has 128 lanes that each do two operations at about 1.6 GHz, 0.41 TFLOPS; an H100 does 989 in BF16
(its datasheet, dense). Neither reaches that, and the Mac comes nearer to it, so half of the ratio is told as the least.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from stagerun import Checkup, Finding, Plan
from stagerun.checks.scene import hardware, heavy
from stagerun.plan.estimate import estimate
from stagerun.registry import NotFound
from stagerun_backends.mps import LEAST

ENOUGH, LITTLE = 32, 16  # GB of unified memory: sufficient from the first on, insufficient below the second
SMALL = 2 * 2**30  # bytes of a stage that any Mac has room for
CORES: Mapping[str, int] = {"Ultra": 80, "Max": 40, "Pro": 20}  # most GPU cores of each; a plain chip has 10
CORE_TFLOPS, H100_TFLOPS = 0.41, 989.0


def apple(checkup: Checkup) -> Iterator[Finding]:
    """Chip, macOS, unified memory, heat and other programs, and the time to expect."""
    with suppress(NotFound):
        for chosen, _ in hardware(checkup):
            if "chip" in chosen.probe.facts:
                yield from judged(chosen.probe.facts, small=is_small(checkup.plan))
                return


def judged(facts: Mapping[str, Any], *, small: bool) -> Iterator[Finding]:
    """The findings for a Mac; `small` when nothing that is to run needs much memory."""
    yield Finding("apple", "chip", "pass", found=str(facts["chip"]))
    yield system(str(facts.get("system", "")))
    yield memory(float(facts.get("unified_memory", 0.0)), small=small)
    yield advice(str(facts["chip"]))


def system(text: str) -> Finding:
    """'macOS 15.3' against the oldest that torch takes for the GPU."""
    number = text.removeprefix("macOS").strip().partition(".")[0]
    if number.isdecimal() and int(number) < LEAST[0]:
        fix = f"update macOS to {LEAST[0]} or newer"
        return Finding("apple", "macOS", "fail", text, "too old for training on the GPU", fix)
    return Finding("apple", "macOS", "pass" if number else "warn", text or "version unknown")


def memory(gigabytes: float, *, small: bool) -> Finding:
    """Unified memory, which the GPU shares with everything that is open."""
    found, fix = f"{gigabytes:g} GB", "train a smaller model, or on another machine"
    if small or gigabytes >= ENOUGH:
        told = "enough for models as small as these" if small and gigabytes < ENOUGH else "sufficient"
        return Finding("apple", "unified memory", "pass", f"{found}, {told}")
    if gigabytes < LITTLE:
        return Finding(
            "apple", "unified memory", "fail", found, f"insufficient: {LITTLE} is the least, {ENOUGH} is enough", fix
        )
    fix = "close every other program; a small batch_size and max_length, as in the profile m4"
    return Finding("apple", "unified memory", "warn", found, f"limited: {ENOUGH} is enough", fix)


def advice(chip: str) -> Finding:
    """What to expect and to do; nothing of it can fail."""
    cores = next((count for word, count in CORES.items() if word in chip), 10)
    most = H100_TFLOPS / (cores * CORE_TFLOPS)
    told = (
        f"an hour of an H100 takes {days(most / 2)} to {days(most)} here; close other programs, plug it in, stand it where air "
        "can move (it slows down when hot), and run under `caffeinate -i` so that it does not sleep"
    )
    return Finding("apple", "time and heat", "pass", found=told)


def days(hours: float) -> str:
    """'30 hours', '5 days'."""
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def is_small(plan: Plan | None) -> bool:
    """Whether every stage that loads a model says that it needs little memory."""
    found = [estimate(plan, stage) for stage in heavy(plan)] if plan is not None else [None]
    return all(one is not None and one.memory_bytes <= SMALL for one in found)
