"""Time left and how sure it is, from the steps reported so far. Pure arithmetic: times come in as arguments.

The time up to the first report and from the first report to the second is left out: the first step compiles, fills caches
and loads data, and would spoil the estimate for hours. What is not covered: work that gets slower with time beyond the
window of the last reports.

The interval is that of a sum of steps yet to come whose mean is known from n steps only: with s the standard deviation of a
step, k steps still take k times the mean, give or take t * s * k * sqrt(1/n + 1/k), where t is Student's for 95 % and n - 1
degrees of freedom. Steps are taken to be independent of each other, which rows in random order are.

The machine is not: another program comes or goes, a chip gets hot, a checkpoint is written now and then. A handful of steps in a
row cannot tell of it, so for a pace that drifts a share of the time is added to the error, by squares: `DRIFT` after the first
measured steps, half of that after four times as many. It is a rule of thumb: tiny trainings on a machine with other work took up
to a quarter more than their first steps said.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

from attrs import define, field, frozen

WINDOW = 64  # reports that the rate is taken from: old enough to be steady, young enough to follow longer rows
ENOUGH = 5  # measured steps after which an estimate is worth keeping
DRIFT = 0.25  # of the time left, by which a pace may be off after `ENOUGH` measured steps
NORMAL = 1.959964  # the 97.5 % point of the normal distribution


@frozen
class Left:
    """Seconds that work still takes, and the bounds within which it ends in 95 of 100 cases or more."""

    seconds: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Half the width of the interval."""
        return self.high - self.seconds


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
    def measured(self) -> int:
        """How many reports were measured, one after the other, since the work began or began afresh."""
        return max(self._seen - 2, 0)

    @property
    def last(self) -> tuple[float, int] | None:
        """When the newest step was reported, and which it was."""
        return self._reports[-1] if self._reports else None

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

    def bounds(self, now: float, total: int | None) -> Left | None:
        """The same with its interval; None until `ENOUGH` reports were measured. Goes over the window: not for every step."""
        seconds = self.left(now, total)
        if seconds is None or total is None or self.measured < ENOUGH:
            return None
        more = max(total - self._reports[-1][1], 0)
        drift = DRIFT * math.sqrt(ENOUGH / self.measured) * more * (self.seconds_per_step or 0.0)
        error = math.hypot(self._error(more), drift) if more else 0.0
        return Left(seconds, max(seconds - error, 0.0), seconds + error)

    def _error(self, more: int) -> float:
        """Half the width of the interval for so many steps more at a pace that does not drift.

        Reports may be of several steps at once: the variance of a report of m steps is m times that of one.
        """
        each, spans = self.seconds_per_step or 0.0, list(self._reports)
        moves = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(spans)]
        degrees = len(moves) - 1
        if degrees < 1:
            return 0.0
        variance = sum((time - steps * each) ** 2 / steps for time, steps in moves) / degrees
        known = sum(steps for _, steps in moves)
        return student(degrees) * math.sqrt(variance) * more * math.sqrt(1 / known + 1 / more)


def student(degrees: int) -> float:
    """The 97.5 % point of Student's t (Abramowitz and Stegun, 26.7.5, to the second term): within 2 % from 4 degrees on."""
    z = NORMAL
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
