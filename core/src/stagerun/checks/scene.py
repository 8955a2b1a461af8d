"""What of a plan matters to checks: which stages will work the machine hard, and on what."""

from __future__ import annotations

from collections.abc import Iterator

from stagerun.contracts import Checkup
from stagerun.plan import Plan, PlannedStage
from stagerun.plan.backends import Chosen, choose


def heavy(plan: Plan) -> list[PlannedStage]:
    """Stages that will run and claim the accelerator: those that load models."""
    return [plan.stages[name] for name in plan.to_run if plan.stages[name].resources.get("accelerator")]


def idle(checkup: Checkup) -> bool:
    """Whether this is a look before a run that loads no model: it must stay as quick as the run itself."""
    return not checkup.thorough and checkup.plan is not None and not heavy(checkup.plan)


def hardware(checkup: Checkup) -> Iterator[tuple[Chosen, list[str]]]:
    """Each backend in use, with the names of the heavy stages on it; without a plan the one that `auto` means.

    Raises NotFound where that one cannot be had.
    """
    plan: Plan | None = checkup.plan
    if plan is None:
        found = choose(checkup.registry, "auto")
        yield from [(found, [])] if found else []
        return
    users: dict[str, tuple[Chosen, list[str]]] = {}
    for stage in heavy(plan):
        chosen = plan.backend_of(stage)
        if chosen is not None:
            users.setdefault(chosen.found.name, (chosen, []))[1].append(stage.name)
    yield from users.values()
