"""What a plan says about each stage, gathered once for the text and the JSON form of `stagerun plan`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from stagerun.contracts import Estimate, Room
from stagerun.model.seal import Damaged, read_seal
from stagerun.plan.estimate import estimate, room
from stagerun.plan.shape import Plan, PlannedStage, Source
from stagerun.spec.words import dotted


@frozen
class Change:
    """An option that a profile or --set laid over the file."""

    place: str
    old: Any
    new: Any
    by: str  # 'profile quick', '--set', 'profile m4, when backend = mps'


@frozen
class StageFacts:
    """One stage of a plan, as values."""

    name: str
    uses: str
    dist: str
    action: str
    reasons: tuple[str, ...]
    roots: tuple[str, ...]
    sources: tuple[Source, ...]
    changes: tuple[Change, ...]
    gates: tuple[tuple[str, str, bool, Mapping[str, Any]], ...]  # name, uses, hard, options
    backend: str
    device: str
    environment: str
    resumes: int | None  # step of the checkpoint that training would go on from
    estimate: Estimate | None
    room: Room | None
    offered: float  # bytes of the device's memory; 0 when unknown
    remote_code: tuple[str, ...]  # options that let a model bring its own code


def changes(plan: Plan) -> list[Change]:
    """Everything laid over the file, in the order in which it was laid."""
    return [
        Change(place, old, new, one.why if one.why.startswith("--set") else _by(one.name, one.why))
        for one in plan.spec.applied
        for place, old, new in one.changes
    ]


def _by(name: str, why: str) -> str:
    return f"profile {name}" if why.startswith("--") else f"profile {name}, {why}"


def general_changes(plan: Plan) -> list[Change]:
    """Changes that belong to no single stage."""
    return [change for change in changes(plan) if not change.place.startswith("stages.")]


def stage_facts(plan: Plan, stage: PlannedStage) -> StageFacts:
    """Gather one stage's facts; looks at the run directory for a checkpoint and writes nothing."""
    chosen = None if stage.traits.in_process else plan.backend_of(stage)
    below = f"{dotted(['stages', stage.name])}."
    return StageFacts(
        name=stage.name,
        uses=stage.spec.uses,
        dist=f"{stage.found.dist} {stage.found.version}".strip(),
        action=stage.decision.action,
        reasons=stage.decision.reasons,
        roots=stage.decision.roots,
        sources=stage.sources,
        changes=tuple(change for change in changes(plan) if change.place.startswith(below)),
        gates=tuple((one.spec.name, one.spec.uses, one.spec.hard, one.spec.options) for one in stage.gates),
        backend=chosen.found.name if chosen else "",
        device=chosen.probe.device if chosen else "",
        environment=stage.environment.name if stage.environment else "",
        resumes=resumes(plan, stage),
        estimate=estimate(plan, stage),
        room=room(plan, stage),
        offered=chosen.probe.memory_gb * 2**30 if chosen else 0.0,
        remote_code=tuple(remote_code(stage.shown)),
    )


def resumes(plan: Plan, stage: PlannedStage) -> int | None:
    """The step that training would go on from; None without a whole checkpoint of these very options and inputs.

    Names and sizes are checked here, contents when the run resumes.
    """
    if stage.decision.action != "run" or stage.decision.fingerprint is None:
        return None
    for path in sorted((plan.run_dir / stage.name / "checkpoints").glob("step_*"), reverse=True):
        try:
            if read_seal(path).facts.get("fingerprint") == stage.decision.fingerprint:
                return int(path.name.removeprefix("step_"))
        except (Damaged, ValueError):
            continue
    return None


def remote_code(options: Mapping[str, Any], place: str = "with") -> Iterator[str]:
    """Places of options called `trust_remote_code` that are on: a person should see them before anything runs."""
    for name, value in options.items():
        if name == "trust_remote_code" and value is True:
            yield f"{place}.{name}"
        elif isinstance(value, Mapping):
            yield from remote_code(value, f"{place}.{name}")
