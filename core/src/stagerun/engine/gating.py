"""Judging a finished stage by its gates, with earlier verdicts and a person's overrides in view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from stagerun.contracts import GateInput, Verdict
from stagerun.events import Event
from stagerun.model.result import Result
from stagerun.plan import PlannedGate, PlannedStage
from stagerun.record import GateRecord, StageRecord


@frozen
class Acceptance:
    """A person's override of one failed gate."""

    gate: str  # STAGE.GATE
    why: str
    who: str = ""


def judge_gates(
    stage: PlannedStage,
    result: Result,
    history: Sequence[Mapping[str, float]],
    others: Mapping[str, Mapping[str, float]],
    before: StageRecord | None,
) -> Iterator[Event]:
    """A `gate.judged` event for each verdict that is new; an unchanged one is not written again."""
    for planned in stage.gates:
        verdict = _ask(planned, GateInput(stage.name, result.metrics, history, result.outputs, others))
        data = {
            "gate": planned.spec.name,
            "hard": planned.spec.hard,
            "passed": verdict.passed,
            "text": verdict.text,
            "evidence": {key: value for key, value in verdict.evidence.items() if value is not None},
            "fingerprint": result.fingerprint,
            "options": dict(planned.spec.options),
        }
        known = before.gates.get(planned.spec.name) if before else None
        if known is None or not _same(known, data):
            yield Event("gate.judged", stage.name, data)


def accept(stage: StageRecord, acceptances: Sequence[Acceptance]) -> Iterator[Event]:
    """A `gate.accepted` event for each failed gate that a person overrides now."""
    wanted = {one.gate: one for one in acceptances}
    for gate in stage.gates.values():
        one = wanted.get(f"{stage.name}.{gate.gate}")
        if one is not None and not gate.passed and gate.accepted is None:
            yield Event("gate.accepted", stage.name, {"gate": gate.gate, "why": one.why, "who": one.who})


def verdicts_of(
    planned: Mapping[str, PlannedStage], known: Mapping[str, StageRecord]
) -> dict[str, list[dict[str, Any]]]:
    """What the gates of the graph have said so far, by stage, as a later stage may read it."""
    found = {}
    for name, stage in planned.items():
        gates = known[name].gates if name in known else {}
        said = [gates[gate.spec.name] for gate in stage.gates if gate.spec.name in gates]
        rows = [{key: getattr(gate, key) for key in ("gate", "hard", "passed", "text", "accepted")} for gate in said]
        if rows:
            found[name] = rows
    return found


def blocking(stage: StageRecord | None, planned: PlannedStage) -> list[GateRecord]:
    """The hard gates that keep dependents from starting; gates that left the graph no longer count."""
    names = {gate.spec.name for gate in planned.gates}
    return [gate for gate in stage.gates.values() if gate.blocks and gate.gate in names] if stage else []


def _ask(planned: PlannedGate, given: GateInput) -> Verdict:
    try:
        verdict: Verdict = planned.gate.judge(given)
    except Exception as error:  # a stranger's gate: an unclear judgement never passes
        return Verdict(False, {"error": str(error)}, f"the gate raised {type(error).__name__}: {error}")
    return verdict


def _same(known: GateRecord, data: Mapping[str, object]) -> bool:
    return all(getattr(known, key) == data[key] for key in ("hard", "passed", "text", "fingerprint", "options"))
