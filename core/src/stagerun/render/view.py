"""A run as it stands on a display: the record folded from the events, plus what only lives in between (steps, rates, times)."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from stagerun.events import Event
from stagerun.record import Fold, RunRecord, StageRecord
from stagerun.record.pace import Left, Pace

WAITING, RUNNING = "pending", "running"


@define
class StageView:
    """One stage's live side. Times are seconds since the epoch, as in the events."""

    name: str
    step: int | None = None
    total: int | None = None
    metrics: dict[str, Any] = field(factory=dict)  # the newest row, without its step
    started: float | None = None
    ended: float | None = None
    pace: Pace = field(factory=Pace)

    def begin(self, time: float) -> None:
        """An attempt begins; the clock of the stage goes on from the first one."""
        self.started = time if self.started is None else self.started
        self.ended, self.pace, self.metrics = None, Pace(), {}
        self.step = self.total = None

    def progress(self, event: Event) -> None:
        """A step was done, or a row of metrics came in."""
        step, total = event.data.get("step"), event.data.get("total")
        if isinstance(total, int) and total != self.total:
            self.total, self.pace = total, Pace()  # another piece of work, with another pace
        if isinstance(step, int):
            self.step = step
            self.pace.add(event.time, step)
        row = event.data.get("metrics") or {}
        self.metrics.update({name: value for name, value in row.items() if name != "step"})

    def elapsed(self, now: float) -> float | None:
        """Seconds since the first attempt began; None before that."""
        if self.started is None:
            return None
        return max((self.ended if self.ended is not None else now) - self.started, 0.0)

    def left(self, now: float) -> float | None:
        """Seconds this stage still takes, when its steps tell."""
        return self.pace.left(now, self.total) if self.ended is None else None

    def bounds(self, now: float) -> Left | None:
        """The same with its interval, once enough steps were measured."""
        return self.pace.bounds(now, self.total) if self.ended is None else None


@define
class RunView:
    """Fed with every event in order."""

    stages: dict[str, StageView] = field(factory=dict)
    fold: Fold = field(factory=Fold)
    started: float | None = None

    def add(self, event: Event) -> None:
        """Take one event in."""
        self.fold.add(event)
        if event.kind == "run.started":
            self.started = event.time
        if event.stage is not None:
            self._add_to(self.stage(event.stage), event)

    @staticmethod
    def _add_to(stage: StageView, event: Event) -> None:
        if event.kind == "stage.started":
            stage.begin(event.time)
        elif event.kind == "stage.progress":
            stage.progress(event)
        elif event.kind == "checkpoint.resumed":
            stage.step = event.data.get("step", stage.step)
        elif event.kind in ("stage.finished", "stage.failed"):
            stage.ended = event.time

    def stage(self, name: str) -> StageView:
        """The live side of a stage."""
        return self.stages.setdefault(name, StageView(name))

    def known(self, name: str) -> StageRecord:
        """The recorded side of a stage; a stage no event told of is waiting."""
        return self.record.stages.get(name) or StageRecord(name)

    @property
    def price(self) -> float:
        """What an hour costs; 0 when nobody said."""
        return self.record.run.price_per_hour if self.record.run else 0.0

    @property
    def record(self) -> RunRecord:
        """What the events so far come to."""
        return self.fold.record
