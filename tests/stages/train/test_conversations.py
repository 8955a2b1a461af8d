"""SFT rows: labels only where the assistant speaks, and nothing is lost to the length limit unseen."""

from __future__ import annotations

import pytest
from attrs import evolve

from stagerun import StageError
from stagerun_stages.train.conversations import IGNORED, read_conversations

TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def test_only_what_the_assistant_says_is_learned(chat, data, rows) -> None:
    done = read_conversations(data(rows(1)), chat, 1000, assistant_only=True)
    learned = [label for label in done.rows[0]["labels"] if label != IGNORED]
    assert chat.tokenizer.decode(learned) == "<|channel|>final<|message|>0 it is<|return|>"


def test_a_tool_call_is_learned_and_its_result_is_not(chat, data) -> None:
    call = {"function": {"name": "look", "arguments": {"at": 1}}}
    talk = [
        {"role": "user", "content": "see"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "a bird"},
        {"role": "assistant", "content": "a bird it is"},
    ]
    done = read_conversations(data([{"messages": talk, "tools": TOOLS}]), chat, 1000, assistant_only=True)
    learned = chat.tokenizer.decode([label for label in done.rows[0]["labels"] if label != IGNORED])
    assert ' to=functions.look<|channel|>commentary json<|message|>{"at": 1}<|call|>' in learned
    assert "a bird it is<|return|>" in learned
    assert "developer" not in learned
    assert "tool<|message|>" not in learned


@pytest.mark.parametrize("thought", ["", "hm"], ids=["plain", "with thoughts that are dropped later"])
def test_where_the_completion_is_learned_only_the_last_answer_is(thought: str, chat, data) -> None:
    said = {"role": "assistant", "content": "one", **({"thinking": thought} if thought else {})}
    talk = [{"role": "user", "content": "1?"}, said, {"role": "user", "content": "2?"}, {**said, "content": "two"}]
    done = read_conversations(
        data([{"messages": talk}]), chat, 1000, assistant_only=True, turn_by_turn=True, completion_only=True
    )
    [row] = done.rows
    learned = chat.tokenizer.decode([label for label in row["labels"] if label != IGNORED])
    assert "one" in chat.tokenizer.decode(list(row["input_ids"]))
    assert "one" not in learned
    assert learned.endswith("<|channel|>final<|message|>two<|return|>")


def test_everything_is_learned_when_asked_for(chat, data, rows) -> None:
    done = read_conversations(data(rows(1)), chat, 1000, assistant_only=False)
    assert done.rows[0]["labels"] == done.rows[0]["input_ids"]


def test_answers_cut_short_and_cut_off_are_counted_apart(chat, data, rows) -> None:
    long = {"messages": [{"role": "user", "content": "x" * 500}, {"role": "assistant", "content": "y"}]}
    whole = len(read_conversations(data(rows(1)), chat, 1000, assistant_only=True).rows[0]["input_ids"])
    done = read_conversations(data([*rows(2), long]), chat, whole, assistant_only=True)
    assert (len(done.rows), done.cut, done.dropped) == (2, 1, 1)
    assert all(len(row["input_ids"]) == len(row["labels"]) <= whole for row in done.rows)


def test_a_limit_that_leaves_no_answer_is_refused(chat, data, rows) -> None:
    with pytest.raises(StageError, match="max_length 5 cuts off the whole answer in each of the 3 rows"):
        read_conversations(data(rows(3)), chat, 5, assistant_only=True)


def test_a_row_without_messages_is_named(chat, data, rows) -> None:
    with pytest.raises(StageError, match='row 2 of train.jsonl has no "messages" list'):
        read_conversations(data([*rows(1), {"text": "hello"}]), chat, 100, assistant_only=True)


def test_a_row_in_which_nobody_answers_is_named(chat, data) -> None:
    with pytest.raises(StageError, match="row 1 of train.jsonl has nothing an assistant says"):
        read_conversations(data([{"messages": [{"role": "user", "content": "hi"}]}]), chat, 100, assistant_only=True)


def test_a_template_without_marks_is_refused_before_any_row(chat, data, rows) -> None:
    with pytest.raises(StageError, match="does not mark what the assistant says"):
        read_conversations(data(rows(1)), evolve(chat, marked=None), 100, assistant_only=True)
