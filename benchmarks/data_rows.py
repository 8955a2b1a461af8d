"""Packing: rows, tokens kept and time of `data.pack` beside TRL's two strategies, on three kinds of data.

The lengths are lognormal, as those of conversations are, with the means and the shares above a row that were met in practice. A
conversation is made of exchanges of 500 tokens, of which the answer is 300, so that ours can split the long ones between turns;
TRL's `bfd` cuts them off and its `bfd_split` cuts them anywhere.
"""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

ASKED, ANSWERED = 200, 300  # tokens of an exchange


@frozen
class Kind:
    """A kind of data: how many conversations, their mean length and its spread, and the length of a row."""

    name: str
    count: int
    mean: float
    sigma: float
    row: int


KINDS = (
    Kind("20,000 short ones to 8,192", 20_000, 629, 0.72, 8_192),
    Kind("6,000 with a long tail to 32,768", 6_000, 4_811, 0.93, 32_768),
    Kind("20,000 to 2,048", 20_000, 614, 0.72, 2_048),
)


@frozen
class Packed:
    """What one packer made: rows, the most there must be, tokens kept of all, documents cut inside a turn, CPU seconds."""

    packer: str
    rows: int
    minimum: int
    kept: float
    seconds: float

    @property
    def excess(self) -> float:
        """Rows as a multiple of the minimum."""
        return self.rows / self.minimum


def compare(kind: Kind) -> list[Packed]:
    """Every packer on the same conversations."""
    told = list(_conversations(kind))
    tokens = sum(map(len, told))
    minimum = math.ceil(tokens / kind.row)
    return [_measured(name, work, tokens, minimum) for name, work in _packers(told, kind.row)]


def _conversations(kind: Kind) -> Iterator[array[int]]:
    """Labels, which are all that a packer looks at: 1 where something is learned."""
    import numpy as np

    from stagerun_stages.train.encoding import IGNORED

    mu = math.log(kind.mean) - kind.sigma**2 / 2
    exchange = [IGNORED] * ASKED + [1] * ANSWERED
    for drawn in np.random.default_rng(0).lognormal(mu, kind.sigma, kind.count):
        length = max(16, int(drawn))
        labels = (exchange * (length // len(exchange) + 1))[-length:]
        yield array("i", labels)


def _measured(name: str, work: Callable[[], tuple[int, int]], tokens: int, minimum: int) -> Packed:
    started = time.process_time()
    rows, kept = work()
    return Packed(name, rows, minimum, kept / tokens, time.process_time() - started)


def _packers(told: list[array[int]], row: int) -> Iterator[tuple[str, Callable[[], tuple[int, int]]]]:
    from datasets import Dataset, disable_progress_bars
    from trl import pack_dataset

    disable_progress_bars()
    columns = {"input_ids": told, "labels": told}
    data = Dataset.from_dict({name: [_numbers(each) for each in cells] for name, cells in columns.items()})

    def trl(strategy: str) -> tuple[int, int]:
        done = pack_dataset(data, row, strategy)
        return len(done), sum(sum(each) for each in done["seq_lengths"])

    yield "data.pack", lambda: _ours(told, row)
    for strategy in ("bfd", "bfd_split"):
        yield f"TRL {strategy}", lambda strategy=strategy: trl(strategy)  # type: ignore[misc]


def _ours(told: list[array[int]], row: int) -> tuple[int, int]:
    from stagerun_stages.data.packer import packed
    from stagerun_stages.data.turns import split
    from stagerun_stages.train.encoding import Encoded

    documents = []
    for labels in told:
        whole = Encoded(labels, labels)
        documents += [whole] if len(labels) <= row else split(whole, row)
    rows = list(packed([{"input_ids": each.ids, "labels": each.labels} for each in documents], row, seed=0))
    return len(rows), sum(len(each["input_ids"]) for each in rows)


def _numbers(values: array[int]) -> Any:
    import numpy as np

    return np.frombuffer(values, dtype=np.int32)
