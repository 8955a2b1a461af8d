"""Which rows each optimizer step takes, and how they become arrays: the order and the shapes of a training with TRL.

accelerate 1.15 shuffles each pass over the data anew, with torch's generator seeded by the seed plus the number of the pass; the
last batch of a pass is short, and so is the last step. So a step is known by its number alone, and a resumed training needs no
state of the data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from attrs import frozen

from stagerun_stages.train.encoding import IGNORED
from stagerun_stages.train.memory import Split
from stagerun_stages.train.options import Training
from stagerun_stages.train.session import Rows

Batch = tuple[Any, Any]  # tokens and labels, (rows, width) each, int32


@frozen
class Course:
    """The steps of a training: `steps` in all, from 0, each of at most `accumulation` batches of `micro` rows."""

    rows: int
    micro: int
    accumulation: int
    seed: int
    steps: int

    @property
    def steps_each(self) -> int:
        """Optimizer steps to one pass over the data."""
        return _updates(self.rows, self.micro, self.accumulation)

    def at(self, step: int) -> list[list[int]]:
        """The batches of a step, as places of rows."""
        epoch, place = divmod(step, self.steps_each)
        shuffled = order(self.rows, self.seed + epoch)
        size = self.micro * self.accumulation
        chosen = shuffled[place * size : (place + 1) * size]
        return [list(chosen[start : start + self.micro]) for start in range(0, len(chosen), self.micro)]


def course(options: Training, pieces: Split, rows: int, seed: int) -> Course:
    """The steps that the options ask for."""
    each = _updates(rows, pieces.micro, pieces.accumulation)
    steps = options.max_steps or math.ceil(options.epochs * each)
    return Course(rows, pieces.micro, pieces.accumulation, seed, steps)


@lru_cache(maxsize=2)
def order(rows: int, seed: int) -> tuple[int, ...]:
    """One pass over the data."""
    import torch

    return tuple(torch.randperm(rows, generator=torch.Generator().manual_seed(seed)).tolist())


def collate(rows: Rows, pad: int, multiple: int = 1) -> Batch:
    """Rows as arrays, padded on the right to the longest, and that to a multiple; what is padded is not learned."""
    import mlx.core as mx
    import numpy as np

    longest = max(len(row["input_ids"]) for row in rows)
    shape = (len(rows), math.ceil(longest / multiple) * multiple)
    ids, labels = np.full(shape, pad, dtype=np.int32), np.full(shape, IGNORED, dtype=np.int32)
    for at, row in enumerate(rows):
        ids[at, : len(row["input_ids"])] = row["input_ids"]
        labels[at, : len(row["labels"])] = row["labels"]
    return mx.array(ids), mx.array(labels)


def longest(rows: Rows, count: int) -> list[int]:
    """Places of the longest rows."""
    return sorted(range(len(rows)), key=lambda at: (-len(rows[at]["input_ids"]), at))[:count]


def learned(batches: Sequence[Batch]) -> int:
    """Tokens of some batches that are learned; the first of a row follows nothing."""
    return sum(int((labels[:, 1:] != IGNORED).sum().item()) for _, labels in batches)


def _updates(rows: int, micro: int, accumulation: int) -> int:
    return math.ceil(math.ceil(rows / micro) / accumulation)
