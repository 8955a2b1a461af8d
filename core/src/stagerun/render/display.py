"""What a display does, and which one is right for an output."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, TextIO

from stagerun.events import Event
from stagerun.plan.shape import Plan
from stagerun.record import RunRecord
from stagerun.render.json_lines import JsonLines
from stagerun.render.plain import Plain


class Display(Protocol):
    """Shows one run."""

    def show(self, event: Event) -> None:
        """Take every event of the run in order."""
        ...

    def stopping(self, text: str) -> None:
        """Tell that the run was asked to stop; called in a signal handler."""
        ...

    def finish(self, record: RunRecord, report: Path | None) -> None:
        """The run is over: show the summary. `report` is the page that was written, if one was."""
        ...

    def close(self) -> None:
        """Give the terminal back, however the run ended; safe to call twice."""
        ...


def display_for(plan: Plan, out: TextIO, *, json: bool = False, plain: bool = False) -> Display:
    """JSON when asked for, a live table on a capable terminal, tagged lines everywhere else."""
    if json:
        return JsonLines(out)
    if plain or not is_terminal(out):
        return Plain(plan, out)
    from stagerun.render.rich_live import RichLive, console_for

    return RichLive(plan, console_for(out))


def is_terminal(out: TextIO) -> bool:
    """Whether the stream is a terminal that can move its cursor."""
    return out.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
