"""A live table on a terminal: each stage with its progress, metrics, time left and gates; it stays when the run is over.

Rich is imported here and nowhere else, and this module only when the output is a terminal. The table is drawn by Rich's own
thread so that clocks go on while the engine waits; a lock keeps it from reading what is being changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from attrs import define, field
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from stagerun.events import Event
from stagerun.plan.shape import Plan
from stagerun.record import RunRecord
from stagerun.render.opening import opening
from stagerun.render.rows import Row, choose, footer, row
from stagerun.render.summary import Section, summarise
from stagerun.render.telling import is_urgent, lines
from stagerun.render.view import RunView

STYLES = {"running": "bold cyan", "done": "green", "failed": "bold red", "blocked": "red", "interrupted": "yellow"}
VERDICTS = {"passed": "green", "accepted": "yellow", "failed (soft)": "yellow", "FAILED": "bold red"}
WIDE = 90  # columns from which bars and gates have room beside the metrics
LONGEST = 200  # rows of the table that stays on the screen


def console_for(out: TextIO) -> Console:
    """A console on a stream that is a terminal. Rich itself honours NO_COLOR; nothing from outside is read as markup."""
    return Console(file=out, highlight=False, emoji=False, markup=False)


@define
class RichLive:
    """`clock` gives seconds since the epoch."""

    plan: Plan
    console: Console
    view: RunView = field(factory=RunView)
    clock: Callable[[], float] = time.time
    _lock: threading.RLock = field(factory=threading.RLock)
    _live: Live | None = None
    _stopping: str = ""
    _over: bool = False

    def show(self, event: Event) -> None:
        """Take an event in; what is urgent becomes a line above the table."""
        with self._lock:
            self.view.add(event)
        if event.kind == "run.started":
            self._start()
        for text in lines(event) if is_urgent(event) else ():
            self._line(f"[{event.stage or 'run'}] {text}", _line_style(event))

    def _start(self) -> None:
        for line in opening(self.plan):
            self._line(line)
        self._live = Live(get_renderable=self.render, console=self.console, refresh_per_second=4)
        self._live.start(refresh=True)

    def stopping(self, text: str) -> None:
        """Say in the footer that the run is about to stop; safe in a signal handler."""
        self._stopping = text

    def finish(self, record: RunRecord, report: Path | None) -> None:
        """Leave the finished table, made from the whole record, and print the summary below it."""
        with self._lock:
            self.view.fold.record, self._over = record, True
        self.close()
        for section in summarise(record, self.plan, report):
            self._section(section)

    def _section(self, section: Section) -> None:
        self._line(f"\n{section.title}", "bold")
        for line in section.lines:
            self._line(f"  {line}")

    def _line(self, text: str, style: str = "") -> None:
        """One line, left to the terminal to wrap, so that a path in it can be copied whole."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def close(self) -> None:
        """Stop drawing; safe to call twice."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def render(self) -> RenderableType:
        """The table as it is now."""
        with self._lock:
            now = self.clock()
            room = LONGEST if self._over else max(self.console.size.height - 4, 3)
            names, more = choose(self.view, room)
            plain = not self.console.encoding.startswith("utf")
            rows = [
                row(self.view.known(name), self.view.stage(name), now, ascii_only=plain, price=self.view.price)
                for name in names
            ]
            lines = [Text(line, style="dim") for line in (more, footer(self.view, now, self._stopping)) if line]
        return Group(self._table(rows), *lines)

    def _table(self, rows: list[Row]) -> Table:
        """Columns that no row needs, and on a narrow terminal bars and gates, are left out."""
        wide = self.console.width >= WIDE
        bars, gates = wide and any(one.total for one in rows), wide and any(one.gates for one in rows)
        columns = [Column(width=1), Column(no_wrap=True, max_width=24 if wide else 16)]
        columns += [Column(width=12)] if bars else []
        columns += [Column(no_wrap=True, justify="right"), Column(no_wrap=True, ratio=2)]
        columns += [Column(no_wrap=True, justify="right"), Column(no_wrap=True, justify="right")]
        columns += [Column(no_wrap=True, ratio=2)] if gates else []
        table = Table(*columns, box=None, show_header=False, padding=(0, 1, 0, 0), expand=True)
        for one in rows:
            table.add_row(*_cells(one, bars=bars, gates=gates), style=None if one.state in STYLES else "dim")
        return table


def _cells(one: Row, *, bars: bool, gates: bool) -> list[RenderableType]:
    style = STYLES.get(one.state, "")
    bar: RenderableType = ProgressBar(one.total, one.step or 0, 12, complete_style="cyan") if one.total else ""
    steps = "" if one.step is None else f"{one.step}/{one.total}" if one.total else f"{one.step}"
    cells = [Text(one.sign, style=style), Text(one.name, style=style), *([bar] if bars else [])]
    cells += [Text(steps), Text(one.text), Text(one.elapsed), Text(one.left)]
    return cells + ([_gates(one)] if gates else [])


def _gates(one: Row) -> Text:
    """Verdicts with their numbers, coloured; without colours the words say it as well."""
    words = [(f"{kind} {text}", VERDICTS[kind]) for kind, text in one.gates]
    return Text("; ").join(Text(text, style=style) for text, style in words)


def _line_style(event: Event) -> str:
    if event.kind in ("stage.failed", "gate.judged", "stage.proof"):
        return "red"
    return "yellow" if event.kind in ("run.checked", "stage.warning", "plugin.failed", "checkpoint.rejected") else ""
