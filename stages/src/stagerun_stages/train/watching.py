"""What the first steps of a training tell: does the loss move, does it slow down, does it hang. Pure functions of numbers.

Not covered: a loss that is no number, which ends the training at once, see trainer.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import median

FIRST = 100  # steps after which the loss must have moved
EDGE = 10  # steps whose median stands for "at first" and "now"
SLOWER = 3.0  # times as slow counts as a collapse
STALL = 60.0  # seconds; a shorter step is never called stalled
STALLS = 10.0  # times the usual step
BEFORE = 900.0  # seconds for the first step, in which kernels may be compiled


def moves(losses: Sequence[float]) -> bool:
    """Whether a loss improved beyond its noise.

    The trend is Theil and Sen's (the median of all pairwise slopes), which single wild steps do not bend. The noise of n
    values around it is 1.4826 times the median distance from the trend; the standard error of the fall that a least-squares
    line would show over them is noise * sqrt(12 / n), and a fall of twice that counts as movement.
    """
    slope = median((losses[b] - losses[a]) / (b - a) for a, b in combinations(range(len(losses)), 2))
    rest = [loss - slope * step for step, loss in enumerate(losses)]
    middle = median(rest)
    noise = 1.4826 * median(abs(value - middle) for value in rest)
    return -slope * (len(losses) - 1) > 2 * noise * math.sqrt(12 / len(losses))


def slower(seconds: Sequence[float], tokens: Sequence[int]) -> float:
    """How many times slower the last steps are than the first, by the step and by the token, whichever is less; 1 if unknown.

    By the step alone, long rows after short ones would look like a collapse, and by the token alone short rows after long
    ones. The very first step is left out: it warms up.
    """
    if len(seconds) < 1 + 2 * EDGE:
        return 1.0
    each = [time / max(count, 1) for time, count in zip(seconds, tokens, strict=True)]
    return min(_ratio(seconds), _ratio(each))


def patience(seconds: Sequence[float]) -> float:
    """How many seconds without any progress are still usual, after steps that took `seconds`."""
    return max(STALL, STALLS * median(seconds)) if seconds else BEFORE


def _ratio(values: Sequence[float]) -> float:
    first = median(values[1 : 1 + EDGE])
    return median(values[-EDGE:]) / first if first > 0 else 1.0
