"""Events to record: one small function for each kind of event that changes what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define, field

from stagerun.events import Event
from stagerun.record import timing
from stagerun.record.shape import GateRecord, RunInfo, RunRecord, StageRecord


@define
class Fold:
    """Folds events one by one; `record` is true after each."""

    record: RunRecord = field(factory=RunRecord)

    def add(self, event: Event) -> None:
        """Take one more event in."""
        if event.seq >= 0:
            self.record.events = event.seq + 1
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self.record, event)

    def add_all(self, events: Iterable[Event]) -> RunRecord:
        """Take many in."""
        for event in events:
            self.add(event)
        return self.record


def _stage(record: RunRecord, event: Event) -> StageRecord:
    name = event.stage or ""
    return record.stages.setdefault(name, StageRecord(name))


def _run_started(record: RunRecord, event: Event) -> None:
    data = event.data
    if record.run is not None and record.run.state == "running":
        record.run.state = "killed"  # it never said how it ended
    record.pipeline, record.file = data.get("pipeline", record.pipeline), data.get("file", record.file)
    info = RunInfo(id=event.run, started=event.time, pid=data.get("pid"), host=data.get("host", ""))
    info.command = data.get("command", "")
    laid = record.run if data.get("up_to_date") else None  # such a run is short for its predecessor with all its words
    info.profiles = list(data.get("profiles", laid.profiles if laid else []))
    info.sets = list(data.get("sets", laid.sets if laid else []))
    info.changes = list(data.get("changes", laid.changes if laid else []))
    info.price_per_hour = float(data.get("price_per_hour") or 0.0)
    record.runs.append(info)
    known = record.stages
    record.stages = {name: known.get(name) or StageRecord(name) for name in data.get("stages", known)}
    if "upstream" in data:
        for stage in record.stages.values():
            stage.upstream = list(data["upstream"].get(stage.name, ()))
    status = "up-to-date" if data.get("up_to_date") else "pending"
    for stage in record.stages.values():
        if not (data.get("up_to_date") and stage.status == "optional"):
            stage.status, stage.reason = status, ""


def _checked(record: RunRecord, event: Event) -> None:
    if record.run is not None:
        record.run.checks = {name: list(event.data.get(name, ())) for name in ("skipped", "warnings")}


def _run_ended(record: RunRecord, event: Event) -> None:
    if record.run is None:
        return
    record.run.state = "interrupted" if event.kind == "run.interrupted" else str(event.data.get("status", "done"))
    record.run.exit_code = event.data.get("exit_code")
    record.run.ended = event.time
    record.run.cost = timing.cost(event.time - record.run.started, record.run.price_per_hour)
    for stage in record.stages.values():
        if stage.status == "running":
            stage.status = "interrupted"


def _skipped(record: RunRecord, event: Event) -> None:
    stage = _stage(record, event)
    stage.status, stage.reason = str(event.data.get("status", "up-to-date")), str(event.data.get("reason", ""))


def _started(record: RunRecord, event: Event) -> None:
    stage = _stage(record, event)
    stage.status, stage.reason = "running", ""
    stage.cause = str(event.data.get("cause", ""))
    stage.attempts = int(event.data.get("attempt", 1))
    stage.inputs = dict(event.data.get("inputs", {}))
    stage.proofs, stage.warnings, stage.step, stage.timing = [], [], None, {}


def _finished(record: RunRecord, event: Event) -> None:
    stage = _stage(record, event)
    stage.status, stage.reason = "done", ""
    stage.metrics, stage.outputs = dict(event.data.get("metrics", {})), dict(event.data.get("outputs", {}))
    stage.seconds, stage.fingerprint = float(event.data.get("seconds", 0.0)), str(event.data.get("fingerprint", ""))
    timing.finished(stage.timing, event.data)


def _estimated(record: RunRecord, event: Event) -> None:
    timing.estimated(_stage(record, event).timing, event.data, event.time)


def _failed(record: RunRecord, event: Event) -> None:
    stage = _stage(record, event)
    stage.status, stage.reason = "failed", str(event.data.get("message", ""))
    stage.step = event.data.get("step")


def _checkpoint(record: RunRecord, event: Event) -> None:
    _stage(record, event).step = event.data.get("step")


def _proof(record: RunRecord, event: Event) -> None:
    _stage(record, event).proofs.append(dict(event.data))


def _warning(record: RunRecord, event: Event) -> None:
    _stage(record, event).warnings.append(str(event.data.get("text", "")))


def _judged(record: RunRecord, event: Event) -> None:
    data, stage = event.data, _stage(record, event)
    before = stage.gates.get(data["gate"])
    gate = GateRecord(
        gate=data["gate"],
        hard=data["hard"],
        passed=data["passed"],
        text=data["text"],
        evidence=dict(data["evidence"]),
        fingerprint=data["fingerprint"],
        options=dict(data.get("options", {})),
    )
    if before is not None and (before.fingerprint, before.options) == (gate.fingerprint, gate.options):
        gate.accepted = before.accepted  # an override holds for the result and the thresholds it was given for
    stage.gates[gate.gate] = gate
    record.verdicts.append({"stage": stage.name, "time": event.time, "run": event.run, **data})


def _accepted(record: RunRecord, event: Event) -> None:
    data, stage = dict(event.data), _stage(record, event)
    gate = stage.gates.get(str(data.get("gate")))
    if gate is not None:
        gate.accepted = {"why": data.get("why"), "who": data.get("who"), "time": event.time}
    record.verdicts.append({"stage": stage.name, "time": event.time, "run": event.run, "accepted": True, **data})


_HANDLERS: dict[str, Callable[[RunRecord, Event], None]] = {
    "run.started": _run_started,
    "run.checked": _checked,
    "run.finished": _run_ended,
    "run.interrupted": _run_ended,
    "stage.skipped": _skipped,
    "stage.started": _started,
    "stage.estimated": _estimated,
    "stage.finished": _finished,
    "stage.failed": _failed,
    "stage.proof": _proof,
    "stage.warning": _warning,
    "checkpoint.saved": _checkpoint,
    "gate.judged": _judged,
    "gate.accepted": _accepted,
}
