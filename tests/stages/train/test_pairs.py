"""Preference rows: the prompt once, two different answers, nothing lost unseen."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import StageError
from stagerun_stages.train.pairs import read_pairs

ASK = [{"role": "user", "content": "hi"}]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def pair(chosen: Any, rejected: Any, prompt: Any = ASK) -> dict[str, Any]:
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


def test_prompt_and_answers_are_apart(chat, data) -> None:
    row = read_pairs(data([pair(said("good"), said("bad"))]), chat, 1000).rows[0]
    assert row["prompt_ids"] == chat.prompt(ASK)
    assert chat.tokenizer.decode(row["chosen_ids"]) == "<|channel|>final<|message|>good<|return|>"
    assert chat.tokenizer.decode(row["rejected_ids"]) == "<|channel|>final<|message|>bad<|return|>"


def test_plain_text_ends_with_one_end_token(chat, data) -> None:
    row = read_pairs(data([pair("good", "bad<|return|>", prompt="hi ")]), chat, 1000).rows[0]
    texts = [chat.tokenizer.decode(row[name]) for name in ("prompt_ids", "chosen_ids", "rejected_ids")]
    assert texts == ["hi ", "good<|return|>", "bad<|return|>"]


@pytest.mark.parametrize("repeated", [[*ASK, *said("good")], "hi there"])
def test_an_answer_that_repeats_the_prompt_is_refused(chat, data, repeated) -> None:
    other, prompt = ("no", "hi") if isinstance(repeated, str) else (said("no"), ASK)
    with pytest.raises(StageError, match="row 1 of train.jsonl repeats the prompt at the start of chosen"):
        read_pairs(data([pair(repeated, other, prompt)]), chat, 1000)


def test_a_prompt_repeated_with_other_white_space_is_refused(chat, data) -> None:
    row = pair("Human:\n hi\n\nAssistant: ho", "no", prompt="Human: hi\n\nAssistant:")
    with pytest.raises(StageError, match="row 1 of train.jsonl repeats the prompt at the start of chosen"):
        read_pairs(data([row]), chat, 1000)


def test_an_answer_that_begins_with_a_question_is_refused(chat, data) -> None:
    other = [{"role": "user", "content": "hi there"}, *said("good")]
    with pytest.raises(StageError, match="row 1 of train.jsonl repeats the prompt at the start of rejected"):
        read_pairs(data([pair(said("good"), other)]), chat, 1000)


def test_answers_that_both_quote_the_question_first_are_refused(chat, data) -> None:
    prompt = [{"role": "user", "content": "what is the time now?"}]
    row = pair(said("what is the time now? Noon."), said("what is the time now? No idea."), prompt)
    with pytest.raises(StageError, match="row 1 of train.jsonl repeats the question at the start of both answers"):
        read_pairs(data([row]), chat, 1000)
    one = pair(said("what is the time now? Noon."), said("No idea."), prompt)
    assert len(read_pairs(data([one]), chat, 1000).rows) == 1


def test_the_same_answer_twice_is_refused(chat, data) -> None:
    with pytest.raises(StageError, match="row 1 of train.jsonl has the same answer as chosen and rejected"):
        read_pairs(data([pair(said("good"), said("good"))]), chat, 1000)


def test_pairs_that_the_limit_makes_equal_are_dropped_and_counted(chat, data) -> None:
    rows = [pair(said("a" * 50 + "x"), said("a" * 50 + "y")), pair(said("b"), said("c"))]
    done = read_pairs(data(rows), chat, 60)
    assert (len(done.rows), done.cut, done.dropped) == (1, 0, 1)


def test_a_limit_that_makes_every_pair_equal_is_refused(chat, data) -> None:
    with pytest.raises(StageError, match="leaves no difference between the answers in any of the 1 rows"):
        read_pairs(data([pair(said("good"), said("bad"))]), chat, 4)


@pytest.mark.parametrize("row", [{"chosen": "a", "rejected": "b"}, pair("a", said("b")), pair(said("a"), None)])
def test_a_row_that_is_no_preference_is_named(chat, data, row) -> None:
    with pytest.raises(StageError, match="row 1 of train.jsonl is no preference"):
        read_pairs(data([row]), chat, 100)


def test_an_empty_answer_is_refused(chat, data) -> None:
    with pytest.raises(StageError, match="row 1 of train.jsonl has an empty rejected"):
        read_pairs(data([pair(said("a"), [])]), chat, 100)
