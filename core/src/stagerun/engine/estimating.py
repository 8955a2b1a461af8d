"""How long a stage will take, estimated while it runs and compared with what it took in the end.

An estimate is kept in the record after the first few measured steps, and again whenever twice as many were measured: a dozen
lines for a training of ten thousand steps. What a display shows in between it works out by itself, from the same arithmetic.
Times are those from the start of the attempt to its last step; what a stage does after that (questions, writing) is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from stagerun.record.pace import ENOUGH, Pace


@define
class Clock:
    """The clock of one attempt, which began at `started` (seconds since the epoch)."""

    started: float
    pace: Pace = field(factory=Pace)
    total: int | None = None
    due: int = ENOUGH  # measured steps at which the next estimate is told

    def hear(self, now: float, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Take in a `stage.progress`; gives an estimate when one is due. Costs about a microsecond otherwise."""
        step, total = message.get("step"), message.get("total")
        if total is not None and total != self.total:
            self.total, self.pace, self.due = total, Pace(), ENOUGH  # another piece of work, with another pace
        if step is None:
            return None
        self.pace.add(now, step)
        return self._estimate(now, step) if self.pace.measured >= self.due else None

    def _estimate(self, now: float, step: int) -> dict[str, Any] | None:
        left = self.pace.bounds(now, self.total)
        if left is None or self.total is None or step >= self.total:
            return None
        first, self.due = self.due == ENOUGH, 2 * self.pace.measured
        past = now - self.started
        return {
            "step": step,
            "total": self.total,
            "first": first,
            "left": round(left.seconds, 3),
            "seconds": round(past + left.seconds, 3),
            "low": round(past + left.low, 3),
            "high": round(past + left.high, 3),
        }

    def took(self) -> dict[str, Any]:
        """What the attempt took to its last step, for `stage.finished`; empty when nothing was estimated."""
        last = self.pace.last
        if last is None or self.due == ENOUGH:
            return {}
        return {"took": round(last[0] - self.started, 3)}
