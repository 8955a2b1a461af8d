"""What the stages themselves say cannot work on this machine, each with its place in the pipeline file.

`plan` and `run` refuse these before anything else; doctor lists them among everything that is to be mended.
"""

from __future__ import annotations

from collections.abc import Iterator

from stagerun.contracts import Checkup, Finding
from stagerun.errors import Problem
from stagerun.plan import Plan
from stagerun.plan.fitting import misfits


def fit(checkup: Checkup) -> Iterator[Finding]:
    """Options that cannot work on this machine."""
    plan: Plan | None = checkup.plan
    if plan is None or not checkup.thorough:
        return
    found = [
        Finding("fit", one.where.partition("stages.")[2] or one.where, "fail", reason=one.what, fix=_place(one))
        for one in misfits(plan)
    ]
    yield from found or [Finding("fit", "options", "pass", found="nothing that is to run says it cannot work here")]


def _place(problem: Problem) -> str:
    at = ":".join(str(part) for part in (problem.file, problem.line) if part is not None)
    return "; ".join(part for part in (f"change {at}" if at else "", problem.hint) if part)
