"""The device that stages will run on, and whether its memory is enough for what each says it needs.

A stage's own estimate is taken at its word; see `stagerun plan` for what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from stagerun.checks.scene import hardware, heavy
from stagerun.contracts import Checkup, Estimate, Finding
from stagerun.plan import Plan, PlannedStage
from stagerun.plan.estimate import estimate
from stagerun.registry import NotFound

TIGHT = 0.9  # share of the memory from which on it is close
GIB = 2**30


def device(checkup: Checkup) -> Iterator[Finding]:
    """The hardware in use, and its memory."""
    try:
        for chosen, _ in hardware(checkup):
            memory = f"{chosen.probe.memory_gb:.1f} GiB" if chosen.probe.memory_gb else "memory unknown"
            yield Finding("device", chosen.found.name, "pass", found=f"{chosen.probe.device}, {memory}")
    except NotFound as error:
        yield Finding("device", "backend", "warn", reason=error.what, fix=error.hint)


def memory(checkup: Checkup) -> Iterator[Finding]:
    """What each stage will take of the device's memory, against what it has."""
    plan: Plan | None = checkup.plan
    for stage in heavy(plan) if plan is not None else ():
        chosen = plan.backend_of(stage) if plan is not None else None
        offered = chosen.probe.memory_gb * GIB if chosen is not None else 0.0
        found = estimate(plan, stage) if plan is not None else None
        if found is not None and found.memory_bytes and offered:
            yield judged(stage, found, offered)


def judged(stage: PlannedStage, needs: Estimate, offered: float) -> Finding:
    """The finding for one stage; `offered` in bytes."""
    largest = sorted(needs.memory.items(), key=lambda pair: -pair[1])[:3]
    shown = ", ".join(f"{name} {size / GIB:.1f}" for name, size in largest)
    told = f"needs about {needs.memory_bytes / GIB:.1f} GiB of {offered / GIB:.1f} ({shown})"
    fix = (
        f"stages.{stage.name}.with: a smaller batch_size or max_length, a profile for this machine, or a smaller model"
    )
    if needs.memory_bytes > offered:
        return Finding("memory", stage.name, "fail", told, "it does not fit", fix)
    if needs.memory_bytes > TIGHT * offered:
        return Finding("memory", stage.name, "warn", told, "close: it may run out, and then takes a smaller batch", fix)
    return Finding("memory", stage.name, "pass", told)
