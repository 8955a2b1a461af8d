"""Tagged lines for logs, pipes and dumb terminals: `[stage tool_sft] step 50/1000, loss 1.83, 12 min 05 s left +-20 s`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

from attrs import define, field

from stagerun.events import Event
from stagerun.plan.shape import Plan
from stagerun.record import RunRecord
from stagerun.record.timing import cost
from stagerun.record.words import lasting, money, pairs, seconds
from stagerun.render.opening import opening
from stagerun.render.summary import summarise
from stagerun.render.telling import lines
from stagerun.render.view import RunView, StageView

SOONEST, LATEST = 5.0, 60.0  # seconds between two progress lines of a stage


@define
class Plain:
    """Every line is flushed at once, so that `tail -f` and a killed pipe both show all there was."""

    plan: Plan
    out: TextIO
    view: RunView = field(factory=RunView)
    _told: dict[str, float] = field(factory=dict)  # stage -> when its progress was last printed

    def show(self, event: Event) -> None:
        """Print what an event is worth."""
        self.view.add(event)
        if event.kind == "run.started":
            for line in opening(self.plan):
                self._say("run", line)
        elif event.kind == "stage.progress":
            self._progress(event)
        else:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        if event.stage is not None:
            self._told[event.stage] = event.time
        for text in lines(event):
            self._say(f"stage {event.stage}" if event.stage is not None else "run", text)

    def _progress(self, event: Event) -> None:
        """Soon after the start, then less and less often: a tenth of the time it runs, within bounds."""
        stage = self.view.stage(event.stage or "")
        pause = min(max((stage.elapsed(event.time) or 0.0) / 10, SOONEST), LATEST)
        if event.time - self._told.setdefault(stage.name, event.time) >= pause:
            self._told[stage.name] = event.time
            self._say(f"stage {stage.name}", progress_line(stage, event.time, self.view.price))

    def finish(self, record: RunRecord, report: Path | None) -> None:
        """Print the summary."""
        for section in summarise(record, self.plan, report):
            for line in section.lines:
                self._say(section.title, line)

    def stopping(self, text: str) -> None:
        """Tell it on stderr by its descriptor: a signal handler may stand in the middle of a write to `out`."""
        os.write(2, f"[run] {text}\n".encode())

    def close(self) -> None:
        """Nothing to put back."""

    def _say(self, tag: str, text: str) -> None:
        self.out.write(f"[{tag}] {text}\n")
        self.out.flush()


def progress_line(stage: StageView, now: float, price: float = 0.0) -> str:
    """How far a stage is: 'step 50/1000, loss 1.83, 1 min 20 s so far, 25 min 20 s left +-30 s, spent 0.06, 1.06 to come'.

    `price` is that of an hour; without one there is no word of money.
    """
    total = f"/{stage.total}" if stage.total else ""
    parts = [f"step {stage.step}{total}" if stage.step is not None else "", pairs(stage.metrics, 4)]
    elapsed, left, bounds = stage.elapsed(now), stage.left(now), stage.bounds(now)
    spent, to_come = (cost(time, price) if time is not None else None for time in (elapsed, left))
    parts += [
        f"{seconds(elapsed)} so far" if elapsed is not None else "",
        lasting(left, bounds.error if bounds else 0.0) if left is not None else "",
        f"spent {money(spent)}" if spent is not None else "",
        f"{money(to_come)} to come" if to_come is not None else "",
    ]
    return ", ".join(part for part in parts if part)
