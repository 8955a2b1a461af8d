"""Parts validation rows from training rows so that what belongs together stays on one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence


def split(rows: Sequence[int], wanted: int, family: Callable[[int], int]) -> tuple[list[int], list[int]]:
    """Validation and training rows, each in the order given. A family goes to validation whole, or not at all.

    Families are taken in the order of their first row while they still fit; where none is larger than one row, the first
    `wanted` rows are taken.
    """
    sizes = Counter(map(family, rows))
    kept_out: set[int] = set()
    passed_over: set[int] = set()
    left = wanted
    for row in rows:
        mine = family(row)
        if left and mine not in kept_out and mine not in passed_over:
            (kept_out if sizes[mine] <= left else passed_over).add(mine)
            left -= sizes[mine] if mine in kept_out else 0
    chosen = [row for row in rows if family(row) in kept_out]
    return chosen, [row for row in rows if family(row) not in kept_out]
