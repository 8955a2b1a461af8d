"""The plan for programs. docs/reference/cli.md describes the form; keys are added, never changed."""

from __future__ import annotations

from typing import Any

from stagerun.plan.backends import Chosen
from stagerun.plan.machines import Machine
from stagerun.plan.shape import Plan, Source
from stagerun.render.plan_facts import Change, StageFacts, changes, stage_facts


def plan_value(plan: Plan) -> dict[str, Any]:
    """JSON values only, once `default=str` has seen to paths and the like."""
    return {
        "pipeline": plan.spec.name,
        "file": str(plan.spec.file),
        "run_dir": str(plan.run_dir),
        "machine": _machine(plan.machine),
        "backends": {name: _backend(one) for name, one in plan.backends.items()},
        "judge": {"name": plan.spec.judge.uses, "with": dict(plan.spec.judge.options)},
        "applied": [{"name": one.name, "why": one.why} for one in plan.spec.applied],
        "changes": [_change(change) for change in changes(plan)],
        "stages": {name: _stage(plan, stage_facts(plan, stage)) for name, stage in plan.stages.items()},
    }


def _machine(machine: Machine | None) -> dict[str, str] | None:
    """The described machine that was planned for; None for this one."""
    if machine is None:
        return None
    return {"name": machine.name, "about": machine.about, "source": machine.source, "date": machine.date}


def _backend(chosen: Chosen) -> dict[str, Any]:
    return {"name": chosen.found.name, "device": chosen.probe.device, "passed_over": list(chosen.passed_over)}


def _stage(plan: Plan, facts: StageFacts) -> dict[str, Any]:
    stage = plan.stages[facts.name]
    return {
        "uses": facts.uses,
        "from": facts.dist,
        "action": facts.action,
        "reasons": list(facts.reasons),
        "roots": list(facts.roots),
        "fingerprint": stage.decision.fingerprint,
        "resumes": facts.resumes,
        "inputs": [_source(source) for source in facts.sources],
        "after": list(stage.upstream),
        "with": dict(stage.shown),
        "changes": [_change(change) for change in facts.changes],
        "gates": [
            {"name": name, "uses": uses, "hard": hard, "with": dict(options)}
            for name, uses, hard, options in facts.gates
        ],
        "estimate": _estimate(facts),
        "backend": facts.backend,
        "device": facts.device,
        "environment": facts.environment,
        "resources": dict(stage.resources),
    }


def _estimate(facts: StageFacts) -> dict[str, Any] | None:
    found = facts.estimate
    if found is None:
        return None
    return {
        "model_parameters": found.model_parameters,
        "trained_parameters": dict(found.parameters),
        "memory_bytes": {name: round(size) for name, size in found.memory.items()},
        "offered_bytes": round(facts.offered),
        "peak": found.peak,
        "phase_bytes": {name: round(size) for name, size in found.phases.items()},
        "note": found.note,
        "room": _room(facts),
    }


def _room(facts: StageFacts) -> dict[str, Any] | None:
    found = facts.room
    if found is None:
        return None
    return {"asked": found.asked, "largest": found.largest, "advice": list(found.advice)}


def _source(source: Source) -> dict[str, Any]:
    return {"need": source.need, "from": source.text, "stage": source.stage, "passed_over": list(source.passed_over)}


def _change(change: Change) -> dict[str, Any]:
    return {"place": change.place, "old": change.old, "new": change.new, "by": change.by}
