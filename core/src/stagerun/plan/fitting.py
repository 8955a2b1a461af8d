"""Whether what is to run can run on this machine: asks the stages themselves, before anything is loaded or downloaded.

A stage says by a method `fits(self, origins, hardware)` which of its options cannot work here. One whose result stands is not
asked: it may have been made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from stagerun.contracts.backend import Hardware
from stagerun.contracts.stage import answers
from stagerun.errors import Problem
from stagerun.plan.backends import Chosen
from stagerun.plan.origins import origins
from stagerun.plan.shape import Plan, PlannedStage


def misfits(plan: Plan) -> Iterator[Problem]:
    """What cannot work here, each with its place in the pipeline file."""
    told: dict[int, Hardware] = {}
    for name in plan.to_run:
        stage, chosen = plan.stages[name], plan.backend_of(plan.stages[name])
        if chosen is not None and hasattr(stage.stage, "fits"):
            hardware = told.setdefault(id(chosen), hardware_of(chosen))
            yield from _asked(plan, stage, evolve(hardware, requirements=_requirements(stage)))


def hardware_of(chosen: Chosen) -> Hardware:
    """The chosen backend as stages are told of it."""
    described = getattr(chosen.backend, "seen", None) is not None
    return Hardware(chosen.found.name, chosen.probe, chosen.backend.policy(), here=not described)


def _requirements(stage: PlannedStage) -> tuple[str, ...] | None:
    return None if stage.environment is None else stage.environment.requirements


def _asked(plan: Plan, stage: PlannedStage, hardware: Hardware) -> Iterator[Problem]:
    place = ("stages", stage.spec.name)
    try:
        for option, complaint in answers(stage.stage, "fits", origins(plan, stage), hardware):
            yield plan.spec.problem((*place, "with", *(option.split(".") if option else ())), complaint)
    except Exception as error:  # a stranger's method; its fault must not hide the other problems
        what = f"fits() of {stage.spec.uses} raised {type(error).__name__}: {error}"
        yield plan.spec.problem((*place, "uses"), what, hint="a fault of the plugin, not of this file")
