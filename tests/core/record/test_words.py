"""Numbers, times and strangers' texts in words."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from stagerun.record import words
from stagerun.record.words import clean, cut, pairs, seconds, size


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(words).failed == 0


@given(st.text())
def test_a_cleaned_text_is_one_line_that_no_terminal_obeys(text: str) -> None:
    assert clean(text).isprintable()


def test_escape_codes_and_reversed_writing_are_made_visible() -> None:
    assert clean("a\x1b[31mred\x07 \u202eback\nnext") == "a\ufffd[31mred\ufffd \ufffdback next"


@given(st.text(max_size=40), st.integers(0, 50))
def test_a_cut_text_is_never_longer_than_asked(text: str, width: int) -> None:
    assert len(cut(text, width)) <= width


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_of_seconds_has_words(value: float) -> None:
    assert seconds(value)


@given(st.integers(0, 10**18))
def test_any_number_of_bytes_fits_in_a_column(count: int) -> None:
    assert len(size(count)) <= 12


def test_more_metrics_than_fit_are_counted() -> None:
    assert pairs({"a": 1.0, "b": 2.0, "c": 3.0}, limit=2) == "a 1, b 2, 1 more"


def test_what_was_measured_before_and_after_comes_first_and_as_one() -> None:
    values = {"loss": 0.5, "exact_match_before": 0.01, "rows": 3.0, "exact_match": 0.87}
    assert pairs(values, limit=2) == "exact_match 0.01 -> 0.87, loss 0.5, 1 more"


def test_a_measure_before_that_has_none_after_stands_for_itself() -> None:
    assert pairs({"pass_rate_before": 0.7}) == "pass_rate_before 0.7"
