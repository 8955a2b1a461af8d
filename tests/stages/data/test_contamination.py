"""Evaluation questions are recognised in training rows, whole or in part, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun_stages.data.alike import words_of
from stagerun_stages.data.contamination import Evaluation, asked

LONG = "write a function that returns the second largest number of a list without sorting it or changing the list"
MIDDLE = "count the vowels in a sentence given backwards"
SHORT = "sort the list"


def task(question: str, system: str = "") -> dict[str, Any]:
    told = [{"role": "user", "content": question}]
    return {"messages": [{"role": "system", "content": system}, *told] if system else told, "task": {}}


def holds(evaluation: Evaluation, text: str) -> bool:
    return evaluation.is_in(words_of(text))


def test_a_row_that_holds_13_words_in_a_row_of_a_question_is_recognised() -> None:
    known = Evaluation.of([task(LONG)])
    assert holds(known, f"Please: {LONG.upper()}!")
    assert holds(known, "so " + " ".join(LONG.split()[2:15]))
    assert not holds(known, " ".join(LONG.split()[2:14]))


def test_a_shorter_question_is_looked_for_as_a_whole_and_a_very_short_one_not_at_all() -> None:
    known = Evaluation.of([task(MIDDLE), task(SHORT)])
    assert holds(known, f"now {MIDDLE}, please")
    assert not holds(known, "count the vowels in a sentence")
    assert not holds(known, SHORT)
    assert (known.questions, known.too_short) == (2, 1)


def test_how_all_questions_are_introduced_says_nothing() -> None:
    start = "you are given a problem and must answer it with one function and nothing else here is the problem"
    known = Evaluation.of([task(f"{start} number {number} " + f"{number} " * 13) for number in range(30)])
    assert not holds(known, f"{start} of my own")
    assert holds(known, "x " + "7 " * 13)


def test_what_the_system_of_an_evaluation_says_is_no_question() -> None:
    known = Evaluation.of([task(MIDDLE, system=LONG)])
    assert not holds(known, LONG)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": LONG, "canonical_solution": "x"},
        {"task_id": 1, "text": LONG, "code": "x"},
        {"question": LONG},
        {"prompt": [{"role": "user", "content": LONG}]},
        {"messages": [{"role": "user", "content": LONG}, {"role": "assistant", "content": "x"}]},
    ],
)
def test_evaluations_of_others_are_read_too(row: dict[str, Any]) -> None:
    assert asked(row) == LONG


def test_rows_without_a_question_ask_nothing() -> None:
    assert asked({"messages": "x"}) == ""
    assert not holds(Evaluation.of([{"a": 1}, {"messages": [5]}]), LONG)
    assert not holds(Evaluation(), LONG)
