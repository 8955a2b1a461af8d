"""A run directory: its lock, journal, summary files and stage folders. Plain files that a person can read and delete."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from stagerun.errors import CannotRun
from stagerun.events import Event
from stagerun.model.seal import write_json
from stagerun.record import Fold, RunRecord
from stagerun.record.views import gates_value, summary_text
from stagerun.store.digests import DigestCache
from stagerun.store.journal import Journal, read_journal
from stagerun.store.lock import Lock
from stagerun.store.results import StageFolder
from stagerun.store.secrets import masker

SYNCED = frozenset(
    {"run.started", "run.finished", "run.interrupted", "stage.finished", "stage.failed", "gate.accepted"}
)
SUMMARY_EVERY = 0.02  # seconds; a fan of light stages must not rewrite the summary for each


@define
class RunDir:
    """Opened by the one engine that works in it."""

    root: Path
    run: str = ""
    digests: DigestCache = field(init=False)
    fold: Fold = field(factory=Fold)
    mask: Callable[[Any], Any] = field(factory=masker)
    _journal: Journal | None = None
    _lock: Lock | None = None
    _stale: bool = False
    _written: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.digests = DigestCache(self.root / ".state" / "digests.json").load()

    @property
    def record(self) -> RunRecord:
        """Everything known, up to the last event."""
        return self.fold.record

    def stage(self, name: str) -> StageFolder:
        """A stage's folder."""
        return StageFolder(self.root / name)

    def open(self, run: str) -> None:
        """Take the lock, read the past, open the journal; raises Locked or CannotRun."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRun(f"{self.root} cannot be made: {error.strerror}") from None
        self._lock = Lock(self.root / ".lock")
        self._lock.take()
        self.run = run
        self.fold = Fold()
        self.fold.add_all(read_journal(self.root / "events.jsonl"))
        self._journal = Journal(self.root / "events.jsonl", run, self.record.events)
        try:
            self._journal.open()
        except OSError as error:
            self.close()
            raise CannotRun(f"{self.root} cannot be written: {error.strerror}") from None

    def append(self, event: Event) -> Event:
        """Journal an event, fold it, and bring the summary files up to date; raises CannotRun when the disk refuses.

        Secrets are masked here, before anyone sees the event.
        """
        assert self._journal is not None
        told = self.mask(event.data)
        event = event if told is event.data else evolve(event, data=told)
        now = time.time()
        try:
            event = self._journal.append(event, now, sync=event.kind in SYNCED)
            self.fold.add(event)
            if event.seq >= 0:
                self._stale = True
                if now - self._written >= SUMMARY_EVERY or event.kind.startswith("run."):
                    self.flush()
        except OSError as error:
            raise CannotRun(f"{self.root} cannot be written: {error.strerror}; what was finished is safe") from None
        return event

    def flush(self) -> None:
        """Rewrite run-summary.json and quality_gates.json when they are behind the journal."""
        if not self._stale:
            return
        partial = self.root / ".run-summary.partial"
        partial.write_text(summary_text(self.record), encoding="utf-8")
        partial.replace(self.root / "run-summary.json")
        write_json(self.root / "quality_gates.json", gates_value(self.record))
        self._stale, self._written = False, time.time()

    def close(self) -> None:
        """Save caches, close the journal, give the lock back; safe to call twice."""
        if self._journal is not None:
            self._journal.close()
            self.digests.save()
            self._journal = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None
