"""The record as data. Mutable while it is folded; readers treat it as fixed."""

from __future__ import annotations

from typing import Any

from attrs import asdict, define, field


@define
class GateRecord:
    """The newest verdict of one gate, and whether a person overrode it."""

    gate: str
    hard: bool
    passed: bool
    text: str
    evidence: dict[str, Any] = field(factory=dict)
    fingerprint: str = ""  # of the result that was judged
    options: dict[str, Any] = field(factory=dict)  # the thresholds it was judged by
    accepted: dict[str, Any] | None = None  # why, who, time

    @property
    def blocks(self) -> bool:
        """Whether dependents must not start."""
        return self.hard and not self.passed and self.accepted is None


@define
class StageRecord:
    """One stage. `status`: pending, running, done, up-to-date, optional, blocked, failed, interrupted."""

    name: str
    status: str = "pending"
    reason: str = ""
    cause: str = ""  # why it ran, when it last did: 'with.learning_rate 0.0001 -> 2e-05'
    upstream: list[str] = field(factory=list)  # stages it waits for, also when it never started
    attempts: int = 0  # in the newest run that started it
    step: int | None = None
    metrics: dict[str, float] = field(factory=dict)
    outputs: dict[str, Any] = field(factory=dict)
    inputs: dict[str, Any] = field(factory=dict)
    seconds: float = 0.0
    timing: dict[str, Any] = field(factory=dict)  # estimated and real time of the newest attempt, see timing.py
    fingerprint: str = ""
    gates: dict[str, GateRecord] = field(factory=dict)
    proofs: list[dict[str, Any]] = field(factory=list)
    warnings: list[str] = field(factory=list)

    def to_json(self) -> dict[str, Any]:
        """JSON form, empty fields left out."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None, [], {}) or key == "status"}


@define
class RunInfo:
    """One run of the engine. `state`: running, done, failed, crash_loop, interrupted, killed (ended without a word)."""

    id: str
    state: str = "running"
    exit_code: int | None = None
    started: float = 0.0
    ended: float | None = None
    pid: int | None = None
    host: str = ""
    command: str = ""
    profiles: list[str] = field(factory=list)
    sets: list[str] = field(factory=list)
    changes: list[list[Any]] = field(factory=list)  # place, old and new value, and the profile or --set that laid it
    checks: dict[str, Any] = field(factory=dict)  # what was skipped of the look before the run, and its warnings
    price_per_hour: float = 0.0  # of the machine, in whatever money; 0: not told
    cost: float | None = None  # of the whole run, once it has ended and where a price was told

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@define
class RunRecord:
    """A run directory's whole story: its runs, oldest first, and the present state of each stage."""

    pipeline: str = ""
    file: str = ""
    runs: list[RunInfo] = field(factory=list)
    stages: dict[str, StageRecord] = field(factory=dict)
    verdicts: list[dict[str, Any]] = field(factory=list)  # every gate verdict and override ever, oldest first
    events: int = 0  # how many lines of events.jsonl this record covers

    @property
    def run(self) -> RunInfo | None:
        """The newest run."""
        return self.runs[-1] if self.runs else None
