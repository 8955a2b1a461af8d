"""hh-rlhf and codefeedback: a prompt and two answers, without the prompt in front of them."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun_stages.sources.codefeedback import EXCUSE, codefeedback
from stagerun_stages.sources.hh_rlhf import hh_rlhf

TALK = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: How do I swim?\n\nAssistant:"


def pair(
    chosen: Any = " Slowly.", rejected: Any = " No.", before: str = TALK, other: str | None = None
) -> dict[str, Any]:
    return {"chosen": before + chosen, "rejected": (before if other is None else other) + rejected}


def test_the_prompt_is_what_both_sides_have_in_common(made: Any) -> None:
    found = made(hh_rlhf, pair())
    assert [(each["role"], each["content"]) for each in found["prompt"]] == [
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "How do I swim?"),
    ]
    assert found["chosen"] == [{"role": "assistant", "content": "Slowly."}]
    assert found["rejected"] == [{"role": "assistant", "content": "No."}]


def test_blank_lines_and_colons_inside_an_answer_stay(made: Any) -> None:
    found = made(hh_rlhf, pair(" First:\n\nbreathe.\nHuman: is what you are."))
    assert found["chosen"][0]["content"] == "First:\n\nbreathe.\nHuman: is what you are."


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (pair(other=TALK.replace("swim", "dive")), "the two sides answer different questions"),
        (pair(other="\n\nHuman: Hi\n\nAssistant:"), "the two sides answer different questions"),
        (pair(rejected=""), "a message that says nothing"),
        (pair(chosen=" No."), "chosen and rejected are equal"),
        (pair(" a\n\nHuman: b", " a\n\nHuman: c"), "ends without an answer"),
        ({"chosen": "no turns", "rejected": "here"}, "words before the first turn"),
        ({"chosen": None, "rejected": TALK}, 'no "chosen"'),
        ({"chosen": "", "rejected": TALK}, "empty chosen"),
    ],
)
def test_a_pair_of_no_use_is_dropped_with_its_reason(reason: Any, row: dict[str, Any], why: str) -> None:
    assert reason(hh_rlhf, row) == why


def test_the_worse_answer_is_the_first_third_and_an_excuse(made: Any) -> None:
    answer = "0123456789" * 30
    found = made(codefeedback, {"query": "count", "answer": answer, "resource": "x", "lang": "python"})
    assert found["prompt"] == [{"role": "user", "content": "count"}]
    assert found["chosen"][0]["content"] == answer
    assert found["rejected"][0]["content"] == f"{answer[:90]} {EXCUSE}"


@pytest.mark.parametrize(("length", "kept"), [(99, False), (100, True)])
def test_answers_under_100_characters_are_dropped(made: Any, reason: Any, length: int, kept: bool) -> None:
    row = {"query": "q", "answer": "a" * length}
    if kept:
        assert made(codefeedback, row)
    else:
        assert reason(codefeedback, row) == "an answer of under 100 characters"


def test_the_numbers_taken_are_those_of_the_graph() -> None:
    assert (hh_rlhf.limit, codefeedback.limit) == (20_000, 10_000)
    assert {hh_rlhf.makes, codefeedback.makes} == {"preference"}
