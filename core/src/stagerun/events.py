"""Everything that happens during a run, as one flat stream; records, displays and plugins read nothing else.

An event is a line of JSON in `events.jsonl`. The table below is the reference: docs/reference/events.md is checked against it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

EVENTS: dict[str, str] = {
    "run.started": "it has the lock: pipeline, file, profiles, sets, changes, price_per_hour, pid, host, command, plan, "
    "upstream, up_to_date",
    "run.checked": "the machine was looked at before the run: skipped (by --skip-check), warnings, seconds",
    "run.finished": "the run ended by itself: status, exit_code, seconds",
    "run.interrupted": "the run was asked to stop and every worker is gone: signal",
    "orphan.ended": "a worker left by a killed engine was found and ended: pid",
    "environment.built": "an interpreter was prepared for a stage: environment, python, seconds",
    "plugin.failed": "a plugin's hook raised; the run goes on: plugin, hook, error",
    "stage.skipped": "the stage does not run: reason, status (up-to-date, optional, blocked)",
    "stage.recovered": "an unfinished commit of a killed run was completed or undone: action",
    "stage.started": "an attempt begins: attempt, pid, cause, inputs (the parent taken for each need), environment",
    "stage.progress": "live only, not kept in events.jsonl: step, total, metrics",
    "stage.estimated": "how long an attempt will take, from its steps so far: step, total, first, left, seconds, low, high",
    "stage.note": "something worth telling: text",
    "stage.warning": "something to look at: text",
    "stage.proof": "a proof of the stage about itself: name, passed, evidence",
    "stage.emitted": "the stage's own event: name and whatever the stage gave",
    "stage.failed": "an attempt failed: reason, message, step, seconds",
    "stage.retrying": "another attempt follows: why, attempt",
    "stage.finished": "the result is committed: outputs with digests, metrics, seconds, took (to its last step), fingerprint",
    "checkpoint.saved": "a sealed checkpoint: step, path, bytes",
    "checkpoint.rejected": "a damaged checkpoint was passed over: path, why",
    "checkpoint.resumed": "training goes on from a checkpoint: step, path",
    "gate.judged": "a verdict: gate, hard, passed, evidence, fingerprint",
    "gate.accepted": "a person overrode a failed gate: gate, why, who",
}

LIVE_ONLY = frozenset({"stage.progress"})


@frozen
class Event:
    """One thing that happened. `data` holds JSON values only."""

    kind: str
    stage: str | None = None
    data: Mapping[str, Any] = field(factory=dict)
    seq: int = -1  # position in events.jsonl; -1 while live only
    time: float = 0.0  # seconds since the epoch
    run: str = ""

    def to_json(self) -> str:
        """The line that stands in events.jsonl."""
        row: dict[str, Any] = {"seq": self.seq, "time": round(self.time, 3), "run": self.run, "kind": self.kind}
        if self.stage is not None:
            row["stage"] = self.stage
        return json.dumps({**row, **self.data}, separators=(",", ":"), ensure_ascii=False, default=str)

    @classmethod
    def from_json(cls, line: str) -> Event:
        """Read a line of events.jsonl; raises ValueError for a torn one."""
        row = json.loads(line)
        if not isinstance(row, dict) or "kind" not in row:
            raise ValueError("not an event")
        head = {key: row.pop(key, default) for key, default in (("seq", -1), ("time", 0.0), ("run", ""))}
        return cls(kind=row.pop("kind"), stage=row.pop("stage", None), data=row, **head)
