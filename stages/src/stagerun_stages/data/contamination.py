"""Keeps evaluation tasks out of training rows: a row that holds a run of words from an evaluation question is recognised.

The run is of 13 words (as in Brown et al. 2020, appendix C); a question of 8 to 12 words is looked for as a whole, a shorter one
is too common to be looked for and counted. A run that more than a tenth of the questions share is how they are all introduced
and says nothing. Not covered: questions in other words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import define, field

from stagerun_stages.data.alike import Words, runs_of, words_of

RUN, SHORTEST = 13, 8  # words
SHARED, FEW = 0.1, 3  # a run in more than this share of the questions, and in so many, is an introduction
TEXTS = (
    "prompt",
    "question",
    "text",
    "instruction",
    "query",
    "problem",
)  # where other people's tasks have their question


@define
class Evaluation:
    """The questions that training must not see, as runs of words by their length."""

    runs: Mapping[int, Words] = field(factory=dict)
    questions: int = 0
    too_short: int = 0

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Evaluation:
        """Read evaluation rows, ours or anybody's with a question under one of TEXTS."""
        questions = [words_of(text) for row in rows if (text := asked(row))]
        long_enough = [words for words in questions if len(words) >= SHORTEST]
        return cls(_runs(long_enough), len(questions), len(questions) - len(long_enough))

    def is_in(self, words: Words) -> bool:
        """Whether a row with these words holds one of the questions, or a piece of one."""
        return any(bool(np.isin(runs_of(words, length), known).any()) for length, known in self.runs.items())


def asked(row: Mapping[str, Any]) -> str:
    """The question of an evaluation row: what its users say, or the first text under one of the usual names."""
    told = row.get("messages", row.get("prompt"))
    if isinstance(told, Sequence) and not isinstance(told, str):
        said = [each.get("content") for each in told if isinstance(each, Mapping) and each.get("role") == "user"]
        return "\n".join(text for text in said if isinstance(text, str))
    return next((row[key] for key in TEXTS if isinstance(row.get(key), str)), "")


def _runs(questions: Sequence[Words]) -> dict[int, Words]:
    seen: dict[int, Counter[int]] = defaultdict(Counter)
    for words in questions:
        length = min(len(words), RUN)
        seen[length].update(set(runs_of(words, length).tolist()))
    most = max(FEW - 1, SHARED * len(questions))
    kept = {length: [run for run, times in runs.items() if times <= most] for length, runs in seen.items()}
    return {length: np.array(sorted(runs), np.uint64) for length, runs in kept.items() if runs}
