from typing import Any


def spiral(rows: list[list[Any]]) -> list[Any]:
    found: list[Any] = []
    left = [list(row) for row in rows]
    while left and left[0]:
        found += left[0]
        left = [list(column) for column in zip(*left[1:])][::-1]
    return found
