"""Time left, from the steps reported so far. Pure arithmetic: times come in as arguments.

The time up to the first report and from the first report to the second is left out: the first step compiles, fills caches
and loads data, and would spoil the estimate for hours. What is not covered: work that gets slower with time beyond the
window of the last reports.
"""

from __future__ import annotations

from collections import deque

from attrs import define, field

WINDOW = 64  # reports that the rate is taken from: old enough to be steady, young enough to follow longer rows


@define
class Pace:
    """How fast the steps of one attempt go. Steps are whole numbers, times are seconds on any one clock."""

    _reports: deque[tuple[float, int]] = field(factory=lambda: deque(maxlen=WINDOW))
    _seen: int = 0

    def add(self, time: float, step: int) -> None:
        """Take in that `step` steps were done at `time`; a step that goes back starts afresh, as after a retry."""
        if self._reports and step < self._reports[-1][1]:
            self._reports.clear()
            self._seen = 0
        if self._reports and (step == self._reports[-1][1] or time < self._reports[-1][0]):
            return
        self._seen += 1
        if self._seen == 2:
            self._reports.clear()
        self._reports.append((time, step))

    @property
    def seconds_per_step(self) -> float | None:
        """The mean over the window; None until three different steps were reported."""
        if self._seen < 3:
            return None
        (start, first), (end, last) = self._reports[0], self._reports[-1]
        return (end - start) / (last - first)

    def left(self, now: float, total: int | None) -> float | None:
        """Seconds until step `total`, never below 0; None while it cannot be known.

        The step under way counts as partly done, but never as more than one step: a stage that hangs stays where it is.
        """
        each = self.seconds_per_step
        if each is None or total is None:
            return None
        reported, step = self._reports[-1]
        under_way = min(max(now - reported, 0.0), each)
        return max((total - step) * each - under_way, 0.0)
