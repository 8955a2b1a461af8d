"""How a run directory stands, for `stagerun status`: from its record, its lock, and the last rows of its metrics files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun.record import Fold, RunRecord, StageRecord
from stagerun.record.words import STATES, clean, lasting, pairs, seconds
from stagerun.render.summary import gate_line, shown_path
from stagerun.store.journal import read_journal
from stagerun.store.lock import is_held, read_holder

TAIL = 4096  # bytes of a metrics file that hold at least its last row


@frozen
class Status:
    """A run directory at one moment; `held` says whether an engine works in it."""

    run_dir: Path
    record: RunRecord
    held: bool
    holder: dict[str, object]
    rows: dict[str, dict[str, Any]]  # newest row of metrics of the stages that were under way

    @property
    def state(self) -> str:
        """running, starting, done, failed, crash_loop, interrupted, killed, or never run."""
        run = self.record.run
        if self.held:
            return "running" if run is not None and run.state == "running" else "starting"
        return run.state if run is not None else "never run"


def read_status(run_dir: Path) -> Status:
    """Read the journal and look at the lock; a run whose lock is free and that never said its end was killed.

    The record says so too, and calls the stages that were under way interrupted.
    """
    held = is_held(
        run_dir / ".lock"
    )  # before the journal: a run that ends in between then reads as running, not killed
    record = Fold().add_all(read_journal(run_dir / "events.jsonl"))
    under_way = [name for name, stage in record.stages.items() if stage.status == "running"]
    if record.run is not None and record.run.state == "running" and not held:
        record.run.state = "killed"
        for name in under_way:
            record.stages[name].status = "interrupted"
    rows = {name: last_row(run_dir / name / "metrics.jsonl") for name in under_way}
    return Status(run_dir, record, held, read_holder(run_dir / ".lock") if held else {}, rows)


def last_row(path: Path) -> dict[str, Any]:
    """The newest whole row of a metrics.jsonl; empty when there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(path.stat().st_size - TAIL, 0))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            return row
    return {}


def status_lines(status: Status, now: float | None = None) -> Iterator[str]:
    """The run on the first line, then its stages with their gates below them."""
    moment = time.time() if now is None else now
    yield _headline(status, moment)
    width = max((len(name) for name in status.record.stages), default=0)
    for stage in status.record.stages.values():
        yield f"  {stage.name:<{width}}  {stage_text(stage, status, moment)}"
        for gate in stage.gates.values():
            yield f"  {'':<{width}}  gate {gate_line(stage, gate)}"


def _headline(status: Status, now: float) -> str:
    run, place = status.record.run, shown_path(status.run_dir)
    if run is None:
        return f"{place}: {status.state}"
    name = f"{place}: {clean(status.record.pipeline)} of {clean(status.record.file)}"
    if status.held:
        who = f"pid {status.holder.get('pid', '?')} on {clean(status.holder.get('host', '?'))}"
        return f"{name} is {status.state}, {who}, since {_clock(run.started)} ({seconds(now - run.started)})"
    if status.state == "killed":
        return (
            f"{name} was killed: pid {run.pid} on {clean(run.host)}, started {_clock(run.started)}, never said its end"
        )
    ended = f" at {_clock(run.ended)} after {seconds(run.ended - run.started)}" if run.ended is not None else ""
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    return f"{name} ended{ended}: {clean(status.state.replace('_', ' '))}{code}"


def _clock(time_: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_))


def stage_text(stage: StageRecord, status: Status, now: float) -> str:
    """State, attempts, step, time, time left and metrics of one stage."""
    killed = stage.status == "interrupted" and status.state == "killed"
    row = status.rows.get(stage.name, {})
    step = row.get("step", stage.step)
    shown = {name: value for name, value in row.items() if name != "step"} or stage.metrics
    why = stage.cause if stage.status == "running" else stage.reason
    reason = "" if stage.status in ("done", "up-to-date", "pending") else clean(why)
    parts = [
        "killed while it ran" if killed else STATES.get(stage.status, stage.status),
        f"attempt {stage.attempts}" if stage.attempts > 1 else "",
        f"step {step}" if step is not None and stage.status != "done" else "",
        seconds(stage.seconds) if stage.seconds else "",
        _left(stage, now),
        pairs(shown),
        reason,
    ]
    return ", ".join(part for part in parts if part)


def _left(stage: StageRecord, now: float) -> str:
    """What the newest estimate in the record leaves; displays of a run at work know it better."""
    latest = stage.timing.get("latest")
    if stage.status != "running" or not latest:
        return ""
    return lasting(max(latest["ends"] - now, 0.0), latest["high"] - latest["seconds"])


def status_value(status: Status) -> dict[str, Any]:
    """The same for programs."""
    run = status.record.run
    stages = {
        name: {**stage.to_json(), "row": status.rows.get(name, {})} for name, stage in status.record.stages.items()
    }
    return {
        "run_dir": str(status.run_dir),
        "pipeline": status.record.pipeline,
        "file": status.record.file,
        "state": status.state,
        "holder": status.holder,
        "run": run.to_json() if run else None,
        "stages": stages,
    }
