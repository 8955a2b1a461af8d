"""What a row must look like, and why it is refused when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import DropRow
from stagerun_stages.data.formats import clean

USER = {"role": "user", "content": "find it"}
ANSWER = {"role": "assistant", "content": "found"}
CALL = {"role": "assistant", "tool_calls": [{"function": {"name": "find", "arguments": '{"text": "it"}'}}]}
RESULT = {"role": "tool", "content": "line 4"}


def told(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"messages": list(messages), **more}


def pair(prompt: Any = None, chosen: Any = None, rejected: Any = None, **more: Any) -> dict[str, Any]:
    return {"prompt": prompt or [USER], "chosen": chosen or [ANSWER], "rejected": rejected or [CALL], **more}


def test_a_good_conversation_stays_as_it_is() -> None:
    assert clean(told(USER, ANSWER), "messages") == told(USER, ANSWER)


def test_arguments_and_tools_written_as_text_become_values() -> None:
    row = clean(told(USER, CALL, RESULT, ANSWER, tools='[{"name": "find"}]'), "messages")
    assert row["messages"][1]["tool_calls"][0]["function"] == {"name": "find", "arguments": {"text": "it"}}
    function = {"name": "find", "description": "", "parameters": {"type": "object", "properties": {}}}
    assert row["tools"] == [{"type": "function", "function": function}]


def test_what_training_does_not_read_is_left_out() -> None:
    row = clean(told({**USER, "weight": None, "tool_calls": None}, ANSWER, id=7), "messages")
    assert row == told(USER, ANSWER)


def test_reasoning_and_the_name_of_a_result_are_kept() -> None:
    row = clean(told(USER, CALL, {**RESULT, "name": "find"}, {**ANSWER, "thinking": "hm"}), "messages")
    assert (row["messages"][2]["name"], row["messages"][3]["thinking"]) == ("find", "hm")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["no", "object"], "not a JSON object"),
        ({}, 'no "messages"'),
        ({"messages": "hello"}, "messages is not a list"),
        (told(), "empty messages"),
        (told("hello"), "a message that is not an object"),
        (told({"role": "wizard", "content": "x"}, ANSWER), "unknown role"),
        (told({"role": ["user"], "content": "x"}, ANSWER), "unknown role"),
        (told({"content": "x"}, ANSWER), "unknown role"),
        (told({"role": "user", "content": 5}, ANSWER), "content is not text"),
        (told({"role": "user", "content": "  "}, ANSWER), "a message that says nothing"),
        (told(USER, {"role": "assistant", "content": None}), "a message that says nothing"),
        (told(USER), "nothing an assistant says"),
        (told(USER, RESULT, ANSWER), "a tool's result before any call"),
        (told(USER, {"role": "assistant", "tool_calls": "find"}), "tool_calls is not a list"),
        (told(USER, {"role": "assistant", "tool_calls": ["find"]}), "a tool call without a name"),
        (
            told(USER, {"role": "assistant", "tool_calls": [{"function": {"arguments": {}}}]}),
            "a tool call without a name",
        ),
        (
            told(USER, {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{'a': 1}"}}]}),
            "tool call arguments are no JSON object",
        ),
        (told(USER, ANSWER, tools={"name": "find"}), "tools is not a list of objects"),
        (told(USER, ANSWER, tools="broken"), "tools is not a list of objects"),
    ],
)
def test_a_broken_conversation_is_refused_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(DropRow) as refused:
        clean(row, "messages")
    assert str(refused.value) == reason


def test_a_preference_is_all_messages_or_all_text() -> None:
    assert clean(pair(), "preference")["chosen"] == [ANSWER]
    text = {"prompt": "1 + 1", "chosen": " = 2", "rejected": " = 3"}
    assert clean(text, "preference") == text


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (pair(chosen=5), "chosen is not a list"),
        ({"prompt": "a", "chosen": "b", "rejected": " "}, "empty text"),
        ({"prompt": [USER], "chosen": [ANSWER]}, 'no "rejected"'),
        (pair(rejected=[ANSWER]), "chosen and rejected are equal"),
        (pair(chosen=[RESULT, ANSWER]), "an answer that does not begin with the assistant"),
        ({"prompt": "a", "chosen": "a b", "rejected": "c"}, "one answer repeats the prompt and the other does not"),
        (pair(chosen=[USER, ANSWER]), "one answer repeats the prompt and the other does not"),
        ({"prompt": "a", "chosen": "a ", "rejected": "a b"}, "an answer that is nothing but the prompt"),
        (pair(prompt=[USER], chosen=[USER], rejected=[USER, ANSWER]), "an answer that is nothing but the prompt"),
        ({"chosen": [USER, ANSWER], "rejected": [ANSWER]}, "the two sides answer different questions"),
    ],
)
def test_a_broken_preference_is_refused_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(DropRow) as refused:
        clean(row, "preference")
    assert str(refused.value) == reason


def test_a_task_is_a_question_with_tests_or_an_expected_answer() -> None:
    task = {"id": "1", "language": "python", "tests": "def test_it(): ..."}
    assert clean({"prompt": [USER], "task": task}, "tasks") == told(USER, task=task)
    assert clean(told(USER, expect="found"), "tasks") == told(USER, expect="found")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (told(USER, ANSWER, expect="x"), "the question ends with the assistant"),
        (told(USER), "neither task nor expect"),
        (told(USER, task="tests"), "task is not an object"),
        (told(USER, task={"tests": " "}), "a task without tests"),
    ],
)
def test_a_broken_task_is_refused_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(DropRow) as refused:
        clean(row, "tasks")
    assert str(refused.value) == reason
