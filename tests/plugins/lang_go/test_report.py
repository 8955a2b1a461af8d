"""The private channel is believed only when everything in it adds up."""

from __future__ import annotations

import pytest

from stagerun_lang_go.report import FAILED, PASSED, SKIPPED, WORD, Report, secret_words

WORDS = secret_words(2)


def word(test: int, outcome: int) -> str:
    """The word for a test, canaries counted: 0 is the first canary, 3 the last."""
    begin = (1 + 3 * test + outcome) * WORD
    return WORDS[begin : begin + WORD] + "\n"


FIRST, LAST = word(0, FAILED), word(3, FAILED)
WHOLE = FIRST + word(1, PASSED) + word(2, FAILED) + LAST


def test_a_whole_report_is_believed() -> None:
    found = Report.read(WHOLE, WORDS, 2)
    assert (found.outcomes, found.whole, found.canary, found.forged) == ({0: PASSED, 1: FAILED}, True, True, False)


def test_tests_that_run_in_parallel_report_after_the_last_canary() -> None:
    assert Report.read(FIRST + LAST + word(2, PASSED) + word(1, PASSED), WORDS, 2).whole


def test_half_a_report_is_what_a_crash_leaves() -> None:
    found = Report.read(FIRST + word(1, PASSED), WORDS, 2)
    assert (found.outcomes, found.whole, found.forged) == ({0: PASSED}, False, False)


def test_a_skipped_test_is_not_a_pass() -> None:
    assert Report.read(FIRST + word(1, SKIPPED), WORDS, 2).names(["a", "b"], PASSED) == frozenset()


def test_nothing_at_all_is_no_forgery() -> None:
    assert not Report.read("", WORDS, 2).forged


@pytest.mark.parametrize(
    "text",
    [
        "passed a\n",
        WHOLE + "x",
        WHOLE + "0" * WORD + "\n",
        WHOLE + word(1, PASSED),
        WHOLE + word(1, FAILED),
        word(1, PASSED),
        word(0, PASSED) + word(1, PASSED) + LAST,
        FIRST + word(1, PASSED) + word(2, PASSED) + word(3, PASSED),
        WHOLE + WORDS[-WORD:] + "\n",
        WORDS[:WORD] + "\n",
    ],
    ids=[
        "plain words", "an unfinished line", "an unknown word", "a word twice", "two outcomes", "no canary first",
        "a canary that passed", "the last canary passed", "the harness saw tampering", "the key",
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_forgery(text: str) -> None:
    assert Report.read(text, WORDS, 2).forged


def test_words_are_new_every_time() -> None:
    assert secret_words(2) != secret_words(2)
