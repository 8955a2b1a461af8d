"""Are the files and folders there that stages take from outside the graph? A missing one that is needed is refused by the plan.

What is left to say is which optional stages will not run for want of one, and what was found. Hub names are looked at by the
distribution that knows the hub.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stagerun.checks.places import shown
from stagerun.contracts import Checkup, Finding
from stagerun.plan import Plan


def data(checkup: Checkup) -> Iterator[Finding]:
    """Local inputs that are there, and optional stages that have none."""
    plan: Plan | None = checkup.plan
    if plan is None or not checkup.thorough:
        return
    for why, names in absent(plan).items():
        reason = f"{why}, so {', '.join(names)} will not run: optional"
        yield Finding("data", names[0], "warn", reason=reason, fix="put it there, if what is optional is to run")
    for path in local(plan):
        yield Finding(
            "data", shown(path), "pass", found="a folder" if path.is_dir() else f"{path.stat().st_size:,} bytes"
        )


def absent(plan: Plan) -> dict[str, list[str]]:
    """What is missing -> the optional stages that will not run for want of it."""
    found: dict[str, list[str]] = {}
    for stage in plan.stages.values():
        if stage.decision.action == "absent":
            root = "; ".join(stage.decision.reasons).rpartition(": ")[2].removeprefix("optional, and ")
            found.setdefault(root, []).append(stage.name)
    return found


def local(plan: Plan) -> list[Path]:
    """Every file and folder outside the graph that a stage which is to run takes, each once."""
    found: list[Path] = []
    for name in plan.to_run:
        stage = plan.stages[name]
        found += [source.outside.path for source in stage.sources if source.outside and source.outside.path]
        found += [(plan.spec.file.parent / Path(text).expanduser()).absolute() for text in stage.reads]
    return [path for path in dict.fromkeys(found) if path.exists()]
