"""The private channel of a test program, read with suspicion.

Before a run every test gets three secret words, one for each way it can end; the program writes the one that came true. So a
report is a list of known words, each test's once, and anything else was written by somebody else. Two canaries, first and last,
must have failed. A program that ends itself before its tests have reported did so to skip them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from attrs import frozen

PASSED, FAILED, SKIPPED = range(3)
WORD = 32  # characters


def secret_words(tests: int) -> str:
    """What the program reads: a key, three words for every test and two canaries, and one for tampering that it saw itself."""
    return "".join(secrets.token_hex(WORD // 2) for _ in range(1 + 3 * (tests + 2) + 1))


def key_of(words: str) -> str:
    """The word that opens the harness."""
    return words[:WORD]


@frozen
class Report:
    """How tests ended, by position. `whole`: all ended, both canaries failed. `forged`: something is there that cannot be."""

    outcomes: dict[int, int]
    canary: bool  # the first canary, at least, failed as it must
    whole: bool
    forged: bool

    @classmethod
    def read(cls, text: str, words: str, tests: int) -> Report:
        """Sort what was written."""
        known = {words[at : at + WORD]: at // WORD - 1 for at in range(WORD, len(words), WORD)}
        *lines, rest = text.split("\n")
        places = [known.get(line, -1) for line in lines]
        tampered = bool(rest) or -1 in places or 3 * (tests + 2) in places
        found = {place // 3: place % 3 for place in places if place >= 0}
        first, last = found.pop(0, None), found.pop(tests + 1, None)
        right = (
            first == FAILED
            and last in {FAILED, None}
            and len(found) + (first is not None) + (last is not None) == len(places)
        )
        outcomes = {at - 1: outcome for at, outcome in found.items()}
        return cls(
            outcomes,
            first == FAILED,
            last == FAILED and len(outcomes) == tests,
            tampered or (bool(places) and not right),
        )

    def names(self, cases: Sequence[str], outcome: int) -> frozenset[str]:
        """Names of the tests that ended one way."""
        return frozenset(cases[at] for at, how in self.outcomes.items() if how == outcome)
