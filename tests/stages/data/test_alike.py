"""Rows with nearly the same wording are found, and no others."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from stagerun_stages.data.alike import FEWEST, Families, Signatures, question_of, runs_of, text_of, words_of

VOCABULARY = [f"word{number}" for number in range(5000)]


def words(random: Random, count: int) -> list[str]:
    return random.choices(VOCABULARY, k=count)


def pairs(texts: list[str], least: float) -> dict[tuple[int, int], float]:
    signed = Signatures()
    for number, text in enumerate(texts):
        signed.add(number, words_of(text))
    found = {}
    for rows, shares in signed.pairs(least):
        found.update({tuple(row): share for row, share in zip(rows.tolist(), shares.tolist(), strict=True)})
    return found


def in_common(one: str, other: str) -> float:
    first, second = (set(runs_of(words_of(text), 5).tolist()) for text in (one, other))
    return len(first & second) / len(first | second)


def test_a_share_is_measured_as_it_is() -> None:
    random = Random(0)
    errors = []
    for changed in range(0, 40, 2):
        told = words(random, 400)
        other = told.copy()
        for place in random.sample(range(400), changed):
            other[place] = "changed"
        texts = [" ".join(told), " ".join(other)]
        errors += [share - in_common(*texts) for share in pairs(texts, 0.5).values()]
    assert len(errors) > 5
    assert abs(float(np.mean(errors))) < 0.06
    assert max(map(abs, errors)) < 0.25


def test_nearly_every_pair_with_nine_tenths_in_common_is_found() -> None:
    random, texts = Random(1), []
    for _ in range(200):
        told = words(random, 200)
        texts += [" ".join(told), " ".join([*told[:190], *words(random, 5)])]
    found = pairs(texts, 0.7)
    assert len([pair for pair in found if pair[1] == pair[0] + 1 and pair[0] % 2 == 0]) > 190
    assert all(later == earlier + 1 for earlier, later in found)


def test_case_and_signs_make_no_difference() -> None:
    told = " ".join(words(Random(2), 60))
    assert pairs([told, told.upper().replace(" ", ", ")], 0.99) == {(0, 1): 1.0}


def test_rows_of_a_few_words_are_not_compared() -> None:
    told = " ".join(words(Random(3), FEWEST - 1))
    assert pairs([told, told], 0.5) == {}
    assert pairs([told + " more", told + " more"], 0.5) == {(0, 1): 1.0}


@pytest.mark.parametrize("texts", [[], ["one"], ["", ""]])
def test_nothing_is_like_nothing(texts: list[str]) -> None:
    assert pairs(texts, 0.5) == {}


def test_a_crowd_of_equal_rows_is_not_compared_each_with_each() -> None:
    told = " ".join(words(Random(4), 50))
    found = pairs([told] * 2000, 0.5)
    assert len(found) < 20 * 2000
    assert {later for _, later in found} == set(range(1, 2000))


def test_a_family_is_all_that_hangs_together() -> None:
    families = Families.single(6)
    for one, other in ((4, 2), (2, 0), (5, 3)):
        families.join(one, other)
    assert [families.of(row) for row in range(6)] == [0, 1, 0, 3, 0, 3]


CALL = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "look", "arguments": {"at": "door"}}}]}
TOLD: list[Any] = [
    {"role": "system", "content": "rules"},
    {"role": "user", "content": "ask"},
    CALL,
    {"role": "tool", "content": "seen"},
    {"role": "assistant", "content": "say"},
]


def test_what_a_row_says_are_its_turns_and_calls_without_rules_and_tools() -> None:
    text = text_of({"messages": TOLD, "tools": [{"function": {"name": "hidden"}}]})
    assert all(word in text for word in ("ask", "look", "door", "seen", "say"))
    assert "rules" not in text
    assert "hidden" not in text
    assert text_of({"prompt": "a", "chosen": "b", "rejected": "c"}).split() == ["a", "b", "c"]


def test_a_question_is_all_up_to_the_first_answer() -> None:
    assert question_of({"messages": TOLD}) == "ask"
    assert question_of({"prompt": TOLD, "chosen": []}).split()[-1] == "say"
