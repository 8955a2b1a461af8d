"""Finds rows whose wording is nearly the same, without comparing each with each: MinHash signatures in bands.

A row's shingles are its runs of five words, hashed; its signature holds the smallest of 64 mixings of them, so that two
signatures agree in about the share of shingles that two rows have in common (Broder 1997). Rows that agree in a band of four
numbers are compared. At 85 % in common one pair in a hundred thousand is missed, at 50 % a third.

Not covered: rows of fewer than 30 words, in which five words in a row say too little; they are only compared as a whole.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

SHINGLE = 5  # words
FEWEST = 30  # words of a row that is compared
MIXINGS, BANDS = 64, 16
NEIGHBOURS = 16  # rows of a band that all others in it are compared with
AT_ONCE = 8192  # shingles mixed at once, pairs compared at once

Words = NDArray[np.uint64]

_WORD = re.compile(rb"[\w\x80-\xff]+")
_RANDOM = np.random.Generator(np.random.PCG64(20250801))  # the mixings are the same in every run
_ODD = _RANDOM.integers(0, 2**63, (MIXINGS, 1), np.uint64) * np.uint64(2) + np.uint64(1)
_ADD = _RANDOM.integers(0, 2**63, (MIXINGS, 1), np.uint64)
_PLACES = _RANDOM.integers(0, 2**63, 64, np.uint64) * np.uint64(2) + np.uint64(1)


def words_of(text: str) -> Words:
    """The words of a text, each as a number, without regard to case and signs."""
    found = _WORD.findall(text.casefold().encode("utf-8", "replace"))
    return np.fromiter(map(crc32, found), np.uint64, len(found))


def runs_of(words: Words, length: int) -> Words:
    """Every run of `length` words, at most 64, as one number."""
    if len(words) < length:
        return np.empty(0, np.uint64)
    mixed = np.zeros(len(words) - length + 1, np.uint64)
    for place in range(length):
        mixed = (mixed + words[place : place + len(mixed)]) * _PLACES[place]
        mixed ^= mixed >> np.uint64(29)
    return mixed


@define
class Signatures:
    """The signatures of rows in the order they were added; a row that is too short has none."""

    rows: array[int] = field(factory=lambda: array("q"))
    numbers: array[int] = field(factory=lambda: array("I"))

    def add(self, row: int, words: Words) -> None:
        """Sign a row; `row` is its number."""
        if len(words) >= FEWEST:
            self.rows.append(row)
            self.numbers.frombytes(_sign(runs_of(words, SHINGLE)).tobytes())

    def pairs(self, least: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Pairs of rows, the earlier first, that have about the share `least` in common, and the share; a pair may come twice."""
        if len(self.rows) < 2:
            return
        rows = np.frombuffer(self.rows, np.int64)
        signed = np.frombuffer(self.numbers, np.uint32).reshape(-1, MIXINGS)
        width = MIXINGS // BANDS
        for band in range(BANDS):
            for found in _meetings(np.ascontiguousarray(signed[:, band * width : (band + 1) * width])):
                shares = (signed[found[:, 0]] == signed[found[:, 1]]).mean(1)
                enough = shares >= least
                if enough.any():
                    yield rows[found[enough]], shares[enough]


def _sign(shingles: Words) -> NDArray[np.uint32]:
    parts = range(0, len(shingles), AT_ONCE)
    least = [((shingles[at : at + AT_ONCE] * _ODD + _ADD) >> np.uint64(32)).min(1) for at in parts]
    return np.minimum.reduce(least).astype(np.uint32)


def _meetings(band: NDArray[np.uint32]) -> Iterator[NDArray[np.int64]]:
    """Pairs of positions that agree in the band, some thousands at once."""
    keys = band.view(np.dtype((np.void, band.dtype.itemsize * band.shape[1]))).ravel()
    order = np.argsort(keys, kind="stable")
    borders = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1], True])
    waiting: list[tuple[int, int]] = []
    for begin, end in pairwise(borders.tolist()):
        if end - begin > 1:
            waiting += _within(order[begin:end].tolist())
        if len(waiting) >= AT_ONCE:
            yield np.array(waiting, np.int64)
            waiting = []
    if waiting:
        yield np.array(waiting, np.int64)


def _within(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each position with those before it, of which only the first few in a large crowd."""
    for place, later in enumerate(positions):
        for earlier in positions[: min(place, NEIGHBOURS)]:
            yield earlier, later


@define
class Families:
    """Rows that must stay together; `of` gives a row's family, the number of its first member."""

    parents: list[int]

    @classmethod
    def single(cls, rows: int) -> Families:
        """Every row by itself."""
        return cls(list(range(rows)))

    def of(self, row: int) -> int:
        """The row's family."""
        while self.parents[row] != row:
            self.parents[row] = self.parents[self.parents[row]]
            row = self.parents[row]
        return row

    def join(self, one: int, other: int) -> None:
        """Two rows and all that belongs to either are one family."""
        first, second = sorted((self.of(one), self.of(other)))
        self.parents[second] = first


def text_of(row: dict[str, Any]) -> str:
    """What a row says, for comparing rows: every message but the system's, and every call; not the tools on offer."""
    return "\n".join(_said(row.get(key)) for key in ("messages", "prompt", "chosen", "rejected") if key in row)


def question_of(row: dict[str, Any]) -> str:
    """What is asked: all up to the first answer."""
    told = row.get("messages", row.get("prompt"))
    if isinstance(told, list) and "messages" in row:
        first = next((place for place, each in enumerate(told) if each["role"] == "assistant"), len(told))
        told = told[:first]
    return _said(told)


def _said(told: Any) -> str:
    if not isinstance(told, list):
        return str(told or "")
    return "\n".join(_message(each) for each in told if each["role"] not in ("system", "developer"))


def _message(message: dict[str, Any]) -> str:
    calls = [call["function"] for call in message.get("tool_calls", ())]
    return " ".join([message["content"], *(f"{call['name']} {call['arguments']}" for call in calls)])
