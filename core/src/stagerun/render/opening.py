"""The first lines of a run: what is run, where, on what, and how much of it there is to do."""

from __future__ import annotations

from collections.abc import Iterator

from stagerun.plan.shape import Plan
from stagerun.record.words import clean, count
from stagerun.render.summary import shown_path


def opening(plan: Plan) -> Iterator[str]:
    """Two or three lines."""
    about = f": {clean(plan.spec.about)}" if plan.spec.about else ""
    yield f"{plan.spec.name} of {shown_path(plan.spec.file)} in {shown_path(plan.run_dir)}{about}"
    for line in (hardware(plan), applied(plan)):
        if line:
            yield line
    yield tally(plan)


def hardware(plan: Plan) -> str:
    """The backends in use and their devices, and better hardware that cannot be used; empty when every stage is light."""
    chosen = {found.found.name: found.probe.device for found in plan.backends.values()}
    passed_over = dict.fromkeys(text for found in plan.backends.values() for text in found.passed_over)
    used = [f"backend {name}: {clean(device)}" for name, device in chosen.items()]
    return "; ".join([*used, *(f"NOT USED is {clean(text)}" for text in passed_over)])


def applied(plan: Plan) -> str:
    """The profiles and settings laid over the file, in order; empty when there are none."""
    laid = [f"{clean(one.name)} ({clean(one.why)})" for one in plan.spec.applied]
    return f"applied: {', '.join(laid)}" if laid else ""


def tally(plan: Plan) -> str:
    """'3 stages to run, 4 up to date, 1 absent'."""
    actions = [stage.decision.action for stage in plan.stages.values()]
    parts = [f"{count(actions.count('run'), 'stage')} to run"]
    parts += [f"{actions.count('skip')} up to date"] if "skip" in actions else []
    parts += [f"{actions.count('absent')} absent"] if "absent" in actions else []
    return ", ".join(parts)
