"""Held-out questions are made from rows."""

from __future__ import annotations

from typing import Any

from stagerun_stages.data.questions import questions

ASK = {"role": "user", "content": "find it"}
CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"type": "function", "function": {"name": "find", "arguments": {"text": "it"}}}],
}
RESULT = {"role": "tool", "content": "line 4"}
SAY = {"role": "assistant", "content": "It is in line 4."}
TOOLS: list[Any] = [{"type": "function", "function": {"name": "find"}}]


def test_a_conversation_is_asked_for_its_first_call() -> None:
    [question] = questions([{"messages": [ASK, CALL, RESULT, SAY], "tools": TOOLS}], 10)
    assert question == {"messages": [ASK], "tools": TOOLS, "expect": {"name": "find", "arguments": {"text": "it"}}}


def test_texts_are_asked_for_only_where_there_is_no_call_in_any_row() -> None:
    called, told = {"messages": [ASK, CALL]}, {"messages": [ASK, SAY]}
    assert [question["expect"] for question in questions([told], 10)] == ["It is in line 4."]
    assert [question["expect"]["name"] for question in questions([told, called], 10)] == ["find"]


def test_a_preference_is_asked_for_what_was_chosen() -> None:
    [question] = questions([{"prompt": [ASK], "chosen": [CALL], "rejected": [SAY]}], 10)
    assert (question["messages"], question["expect"]["name"]) == ([ASK], "find")


def test_a_task_is_its_own_question() -> None:
    row = {"messages": [ASK], "task": {"id": "1", "tests": "def test_it(): ..."}}
    assert questions([row], 10) == [row]


def test_there_are_no_more_questions_than_asked_for() -> None:
    assert len(questions([{"messages": [ASK, SAY]}] * 5, 3)) == 3


def test_rows_of_which_nothing_can_be_asked_give_none() -> None:
    assert questions([{"messages": [SAY]}, {"prompt": "1 + 1", "chosen": "2", "rejected": "3"}], 10) == []


def test_settings_for_the_chat_template_go_with_the_question() -> None:
    settings = {"chat_template_kwargs": {"reasoning_effort": "high"}}
    [question] = questions([{"messages": [ASK, CALL], **settings}], 10)
    assert question["chat_template_kwargs"] == settings["chat_template_kwargs"]
