"""What belongs together stays on one side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stagerun_stages.data.splitting import split

FAMILIES = st.lists(st.integers(0, 6), max_size=40)


@given(FAMILIES, st.integers(0, 20))
def test_no_family_is_on_both_sides_and_no_row_is_lost(families: list[int], wanted: int) -> None:
    rows = list(range(len(families)))
    kept_out, trained = split(rows, wanted, families.__getitem__)
    assert sorted(kept_out + trained) == rows
    assert not {families[row] for row in kept_out} & {families[row] for row in trained}
    assert len(kept_out) <= wanted
    assert kept_out == sorted(kept_out)
    assert trained == sorted(trained)


@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(0, 20))
def test_where_every_row_is_by_itself_the_first_are_kept_out(rows: list[int], wanted: int) -> None:
    assert split(rows, wanted, lambda row: row) == (rows[:wanted], rows[wanted:])


def test_a_family_that_does_not_fit_is_passed_over() -> None:
    assert split([0, 1, 2, 3, 4], 2, [0, 0, 0, 1, 2].__getitem__) == ([3, 4], [0, 1, 2])
