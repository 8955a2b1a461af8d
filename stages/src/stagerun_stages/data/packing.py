"""Fills rows of a fixed length with whole documents, in as few rows as can be: pure arithmetic on lengths.

Best-fit-decreasing, what TRL and others use, looks at one document at a time and leaves gaps that nothing fits into. Here
each row is filled at once: the longest document that is left opens it, and the sums that the others can make say which of
them fill the rest exactly. A set of sums is one whole number, its bit `n` standing for the sum `n`, so that adding a document
to all of them is a shift and an or; 200,000 documents take seconds.

Not covered: what the documents are, and what to do with one that is longer than a row, see packer.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np

DEEPEST = 50  # thresholds tried in the lower bound; more have not been seen to help
FEW = 64  # lengths looked at first; with all of them 200,000 documents took 38 s instead of 2, in no fewer rows


def pack(lengths: Sequence[int], capacity: int, random: Random) -> list[list[int]]:
    """The documents of each row, as indices into `lengths`; which of several equally long ones comes where is `random`.

    Raises ValueError for a length below 1 or above `capacity`.
    """
    if not all(1 <= length <= capacity for length in lengths):
        raise ValueError(f"every length must be from 1 to {capacity}")
    order = list(range(len(lengths)))
    random.shuffle(order)
    stacks: dict[int, list[int]] = {}
    for index in order:
        stacks.setdefault(lengths[index], []).append(index)
    return [[stacks[size].pop() for size in row] for row in _fill_rows(Counter(lengths), capacity)]


def fewest(lengths: Sequence[int], capacity: int) -> int:
    """A number of rows that no packing can do with less of: the tokens alone, or documents too long to share a row.

    The greatest of the bounds by dual feasible functions of S. Fekete and J. Schepers, "New classes of fast lower bounds for
    bin packing problems", Mathematical Programming 91 (2001): f(k) rounds a document to k-ths of a row, and U(e) counts those
    above capacity - e as whole rows and those below e as nothing.
    """
    counts = np.bincount(np.asarray(lengths, dtype=np.int64), minlength=capacity + 1)
    sizes = np.arange(capacity + 1)
    return max(_whole(int(counts @ sizes), capacity), _by_rounding(counts, sizes), _by_threshold(counts, sizes))


def _fill_rows(counts: Counter[int], capacity: int) -> list[list[int]]:
    """The lengths in each row, until `counts` is used up."""
    sizes = sorted(counts)
    rows = []
    while sizes:
        row = [sizes[-1]]
        _take(sizes, counts, row[0])
        for size in _best(sizes, counts, capacity - row[0]):
            _take(sizes, counts, size)
            row.append(size)
        rows.append(row)
    return rows


def _take(sizes: list[int], counts: Counter[int], size: int) -> None:
    counts[size] -= 1
    if not counts[size]:
        del sizes[bisect_left(sizes, size)]


def _best(sizes: Sequence[int], counts: Counter[int], room: int) -> list[int]:
    """Lengths that fill `room` exactly, from a few of those that fit if that will do, else as nearly as all of them can."""
    fitting = sizes[: bisect_right(sizes, room)]
    few = fitting[:: -max(1, len(fitting) // FEW)]
    return _filling(few, counts, room) or _filling(fitting[::-1], counts, room, nearly=True)


def _filling(sizes: Sequence[int], counts: Counter[int], room: int, *, nearly: bool = False) -> list[int]:
    """Long ones are tried first and preferred: short ones are what fills later rows. Empty for no exact sum, unless `nearly`."""
    sums, taken = [1], []
    for each in sizes:
        for size, times in _halves(each, min(counts[each], room // each)):
            before = sums[-1]
            sums.append((before | before << size * times) & ((2 << room) - 1))
            taken.append((size, times))
        if sums[-1] >> room & 1:
            return _traced(sums, taken)
    return _traced(sums, taken) if nearly else []


def _halves(size: int, times: int) -> list[tuple[int, int]]:
    """`times` documents of one size as few bundles, 1 + 2 + 4 + ..., from which every smaller number can be made."""
    bundles, bundle = [], 1
    while times:
        bundle = min(bundle, times)
        bundles.append((size, bundle))
        times, bundle = times - bundle, bundle * 2
    return bundles


def _traced(sums: Sequence[int], taken: Sequence[tuple[int, int]]) -> list[int]:
    """The lengths behind the largest sum; each comes from the first bundle that made the sum possible."""
    found: list[int] = []
    left, last = sums[-1].bit_length() - 1, len(taken)
    while left:
        while sums[last - 1] >> left & 1:
            last -= 1
        size, times = taken[last - 1]
        found += [size] * times
        left, last = left - size * times, last - 1
    return found


def _whole(tokens: int, capacity: int) -> int:
    return -(-tokens // capacity)


def _by_rounding(counts: np.ndarray, sizes: np.ndarray) -> int:
    """f(k) times k rows: a size is floor((k + 1) * size / row) rows, or k * size where (k + 1) * size is whole rows."""
    capacity, best = len(sizes) - 1, 0
    for k in range(1, DEEPEST + 1):
        several = (k + 1) * sizes
        worth = np.where(several % capacity == 0, k * sizes, several // capacity * capacity)
        best = max(best, _whole(int(counts @ worth), k * capacity))
    return best


def _by_threshold(counts: np.ndarray, sizes: np.ndarray) -> int:
    """U(e) for every e up to half a row: documents above capacity - e, and the tokens of those that are not below e."""
    capacity = len(sizes) - 1
    documents, tokens = np.cumsum(counts), np.cumsum(counts * sizes)
    small = np.arange(1, capacity // 2 + 1)
    alone = documents[-1] - documents[capacity - small]
    shared = tokens[capacity - small] - tokens[small - 1]
    return int((alone + -(-shared // capacity)).max(initial=0))
