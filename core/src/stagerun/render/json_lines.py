"""Events for programs: each one a line of JSON on stdout, flushed at once, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from attrs import frozen

from stagerun.events import Event
from stagerun.record import RunRecord


@frozen
class JsonLines:
    """The live-only events are among them, with `seq` -1."""

    out: TextIO

    def show(self, event: Event) -> None:
        """One event."""
        self.out.write(event.to_json() + "\n")
        self.out.flush()

    def stopping(self, text: str) -> None:
        """Nothing: stdout is for events."""

    def finish(self, record: RunRecord, report: Path | None) -> None:
        """Nothing: the skipped stages and the end are events themselves."""

    def close(self) -> None:
        """Nothing to put back."""
