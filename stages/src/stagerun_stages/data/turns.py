"""Splits a conversation that is longer than a row, between turns only: where the assistant has finished an answer.

A piece is a document of its own and does not see what came before it. What cannot be had this way is left out and counted: an
exchange that is longer than a row by itself, and what follows the last answer when it does not fit.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from stagerun_stages.train.encoding import IGNORED, Encoded


def split(told: Encoded, length: int) -> list[Encoded]:
    """Pieces of at most `length` tokens, in order, each with something to learn; as long as can be."""
    pieces = [Encoded(told.ids[start:end], told.labels[start:end]) for start, end in _spans(_ends(told.labels), length)]
    return [piece for piece in pieces if piece.labels.count(IGNORED) < len(piece.labels)]


def _ends(labels: array[int]) -> list[int]:
    """Where each answer ends, and the end of it all."""
    ends = [at for at in range(1, len(labels)) if labels[at - 1] != IGNORED and labels[at] == IGNORED]
    return [*ends, len(labels)]


def _spans(ends: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Exchanges, which end at `ends`, taken together as long as they fit; one that does not fit by itself is passed over."""
    start = last = 0
    for end in ends:
        if end - start > length:
            if last > start:
                yield start, last
            start = last
        if end - start > length:
            start = end
        last = end
    if last > start:
        yield start, last
