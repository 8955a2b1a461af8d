"""Documents are packed into hardly more rows than there must be, none is lost and none is cut."""

from __future__ import annotations

import math
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun_stages.data.packing import fewest, pack

CAPACITY = 40
LENGTHS = st.lists(st.integers(1, CAPACITY), max_size=60)


def lognormal(count: int, mean: float, sigma: float, seed: int) -> list[int]:
    """Lengths as conversations have them; at least 16 tokens."""
    drawn = np.random.default_rng(seed).lognormal(math.log(mean) - sigma**2 / 2, sigma, count)
    return [max(16, int(length)) for length in drawn]


def optimum(lengths: list[int], capacity: int) -> int:
    """The fewest rows, by trying everything."""
    for rows in range(1, len(lengths) + 1):
        for places in product(range(rows), repeat=len(lengths)):
            loads = [sum(n for n, at in zip(lengths, places, strict=True) if at == row) for row in range(rows)]
            if max(loads) <= capacity:
                return rows
    return 0


@given(LENGTHS)
def test_every_document_is_in_one_row_and_no_row_is_too_long(lengths: list[int]) -> None:
    rows = pack(lengths, CAPACITY, Random(0))
    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    assert all(0 < sum(lengths[index] for index in row) <= CAPACITY for row in rows)


@given(LENGTHS)
def test_rows_are_never_fewer_than_the_bound(lengths: list[int]) -> None:
    assert fewest(lengths, CAPACITY) <= len(pack(lengths, CAPACITY, Random(0)))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_the_bound_is_never_above_the_best_that_can_be(lengths: list[int]) -> None:
    assert fewest(lengths, 12) <= optimum(lengths, 12)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [([7] * 5, 5), ([5] * 7, 4), ([4, 4, 4, 3], 2), ([12, 12, 1], 3), ([], 0), ([5, 7, 6, 6], 2)],
)
def test_documents_too_long_to_share_a_row_count_in_the_bound(lengths: list[int], expected: int) -> None:
    assert fewest(lengths, 12) == expected
    assert len(pack(lengths, 12, Random(0))) == expected


@pytest.mark.parametrize(
    ("lengths", "capacity"),
    [
        (lognormal(20_000, 629, 0.72, 0), 8192),
        (lognormal(6_000, 4811, 0.93, 1), 32768),
        (lognormal(20_000, 614, 0.72, 2), 2048),
    ],
)
def test_conversations_take_the_fewest_rows_there_can_be(lengths: list[int], capacity: int) -> None:
    fitting = [length for length in lengths if length <= capacity]
    rows = pack(fitting, capacity, Random(0))
    assert len(rows) <= 1.002 * math.ceil(sum(fitting) / capacity)


def test_lengths_that_fit_badly_still_reach_the_bound() -> None:
    lengths = np.random.default_rng(0).integers(530, 820, 3_000).tolist()  # three to a row, if chosen well
    assert len(pack(lengths, 2048, Random(0))) == fewest(lengths, 2048) == 1_000


def test_the_same_seed_gives_the_same_rows_and_another_deals_equal_lengths_anew() -> None:
    lengths = [1, 2, 3, 4] * 50
    assert pack(lengths, 10, Random("a")) == pack(lengths, 10, Random("a"))
    assert pack(lengths, 10, Random("a")) != pack(lengths, 10, Random("b"))


@pytest.mark.parametrize("length", [0, 11])
def test_a_length_that_fits_nowhere_is_an_error(length: int) -> None:
    with pytest.raises(ValueError, match="every length must be from 1 to 10"):
        pack([5, length], 10, Random(0))
