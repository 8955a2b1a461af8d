"""The device that stages will run on, and whether its memory is enough for what each says it needs.

A stage's own estimate is taken at its word; see `stagerun plan` for what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from stagerun.checks.scene import hardware, heavy
from stagerun.contracts import Checkup, Estimate, Finding
from stagerun.contracts.estimate import Room
from stagerun.plan import Plan
from stagerun.plan.backends import Chosen
from stagerun.plan.estimate import estimate, room
from stagerun.registry import NotFound

TIGHT = 0.9  # share of the memory from which on it is close
GIB = 2**30


def device(checkup: Checkup) -> Iterator[Finding]:
    """The hardware in use, its memory, and whether it computes: the backend's own small trial, where it has one."""
    try:
        for chosen, _ in hardware(checkup):
            memory = f"{chosen.probe.memory_gb:.1f} GiB" if chosen.probe.memory_gb else "memory unknown"
            yield Finding("device", chosen.found.name, "pass", found=f"{chosen.probe.device}, {memory}")
            yield from passed_over(chosen, needed=checkup.plan is not None)
            if checkup.thorough and not is_described(checkup):
                yield from tried(chosen)
    except NotFound as error:
        yield Finding("device", "backend", "warn", reason=error.what, fix=error.hint)


def passed_over(chosen: Chosen, *, needed: bool) -> Iterator[Finding]:
    """Better hardware that is there and cannot be used: hours on the CPU beside an idle GPU are nobody's wish."""
    for text in chosen.passed_over:
        reason, _, fix = text.rpartition(": ")
        mend = f'{fix}; or say backend = "{chosen.found.name}"'
        yield Finding("device", "passed over", "fail" if needed else "warn", reason=reason or text, fix=mend)


def is_described(checkup: Checkup) -> bool:
    """Whether the plan is for another machine, which is only described."""
    return checkup.plan is not None and checkup.plan.machine is not None


def tried(chosen: Chosen) -> Iterator[Finding]:
    """What came of computing something on the device."""
    trial = getattr(chosen.backend, "trial", None)
    if trial is None:
        return
    try:
        yield Finding("device", "trial", "pass", found=str(trial()))
    except RuntimeError as error:
        fix = "see that the installed libraries suit this device and its driver"
        yield Finding("device", "trial", "fail", reason=f"{chosen.found.name} does not compute: {error}", fix=fix)


def memory(checkup: Checkup) -> Iterator[Finding]:
    """What each stage will take of the device's memory, against what it has."""
    plan: Plan | None = checkup.plan
    if plan is None:
        return
    for stage in heavy(plan):
        chosen, needs, fits = plan.backend_of(stage), estimate(plan, stage), room(plan, stage)
        if fits is not None and not fits.largest:
            continue  # not one row fits, which the stage says itself, with its place in the file
        if chosen is not None and chosen.probe.memory_gb and needs is not None and needs.memory_bytes:
            yield judged(stage.name, needs, chosen.probe.memory_gb * GIB, fits)


def judged(stage: str, needs: Estimate, offered: float, fits: Room | None = None) -> Finding:
    """The finding for one stage; `offered` in bytes, `fits` how many rows of its batch do."""
    largest = sorted(needs.memory.items(), key=lambda pair: -pair[1])[:3]
    shown = ", ".join(f"{name} {size / GIB:.1f}" for name, size in largest)
    told = f"needs about {needs.memory_bytes / GIB:.1f} GiB of {offered / GIB:.1f} ({shown})"
    fix = mending(stage, fits)
    if needs.memory_bytes > offered and fits is not None:
        reason = f"{fits.asked} rows at once do not fit, {fits.largest} would"
        return Finding("memory", stage, "warn", told, f"{reason}; it will find that out by running out of memory", fix)
    if needs.memory_bytes > offered:
        return Finding("memory", stage, "fail", told, "it does not fit", fix)
    if needs.memory_bytes > TIGHT * offered:
        return Finding("memory", stage, "warn", told, "close: it may run out, and then takes a smaller batch", fix)
    return Finding("memory", stage, "pass", told)


def mending(stage: str, fits: Room | None) -> str:
    """What would fit, as far as the stage says."""
    options = list(fits.advice) if fits is not None else []
    if fits is not None and 0 < fits.largest < fits.asked:
        options = [f"micro_batch = {fits.largest}", *options]
    return (
        f"stages.{stage}.with: {' or '.join(options)}" if options else "a profile for this machine, or a smaller model"
    )
