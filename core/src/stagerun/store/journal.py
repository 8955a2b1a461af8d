"""events.jsonl: append-only, one event a line. It is the truth; every other file of a run can be made from it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import define, evolve, field

from stagerun.events import LIVE_ONLY, Event


@define
class Journal:
    """The journal of one run directory, opened by the engine that holds its lock."""

    path: Path
    run: str
    next_seq: int = 0
    _descriptor: int = field(default=-1)

    def open(self) -> None:
        """Open for appending; a line torn by a kill is closed off so that the next one stands alone."""
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")

    def append(self, event: Event, now: float, *, sync: bool) -> Event:
        """Number, stamp and write an event; live-only kinds are stamped and not written. Raises OSError (disk full)."""
        if event.kind in LIVE_ONLY:
            return evolve(event, time=now, run=self.run)
        event = evolve(event, seq=self.next_seq, time=now, run=self.run)
        os.write(self._descriptor, event.to_json().encode() + b"\n")
        self.next_seq += 1
        if sync:
            os.fsync(self._descriptor)
        return event

    def close(self) -> None:
        """Release the file; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_journal(path: Path) -> Iterator[Event]:
    """Every whole event; torn lines are passed over. Empty when there is no file."""
    try:
        stream = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    with stream:
        for line in stream:
            try:
                yield Event.from_json(line)
            except ValueError:
                continue
