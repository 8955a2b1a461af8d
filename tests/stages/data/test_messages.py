"""Conversations get one form: ids, names of results, one system turn, contents in parts."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import DropRow
from stagerun_stages.data.formats import clean
from stagerun_stages.data.messages import with_developer

ASK = {"role": "user", "content": "go"}
SAY = {"role": "assistant", "content": "done"}


def call(name: str = "f", **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": {}}, **more}


def calls(*each: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": list(each)}


def result(content: str, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "content": content, **more}


def told(*messages: Any) -> list[Any]:
    found: list[Any] = clean({"messages": [ASK, *messages]}, "messages")["messages"]
    return found[1:]


def test_calls_get_ids_of_nine_signs_that_differ() -> None:
    first, _, second, *_ = told(calls(call(), call()), result("1"), calls(call()), result("2"), SAY)
    ids = [each["id"] for message in (first, second) for each in message["tool_calls"]]
    assert ids == ["call00000", "call00001", "call00002"]
    assert all(len(each) == 9 and each.isalnum() for each in ids)  # Mistral's template refuses any other


def test_ids_that_are_there_stay() -> None:
    first, answered, _ = told(calls(call(id="x")), result("1", tool_call_id="x"), SAY)
    assert (first["tool_calls"][0]["id"], answered["tool_call_id"]) == ("x", "x")


def test_results_answer_calls_in_their_order_and_bear_their_names() -> None:
    _, *results, _ = told(calls(call("f"), call("g")), result("1"), result("2"), result("3"), SAY)
    assert [(each["name"], each["tool_call_id"]) for each in results] == [
        ("f", "call00000"),
        ("g", "call00001"),
        ("g", "call00001"),
    ]


def test_a_result_may_name_an_earlier_call_than_the_next() -> None:
    _, first, second, _ = told(
        calls(call("f", id="a"), call("g", id="b")), result("2", tool_call_id="b"), result("1"), SAY
    )
    assert [first["name"], second["name"]] == ["g", "f"]


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([calls(call(id="a"), call(id="a")), SAY], "two tool calls with one id"),
        ([calls(call(id="a")), result("1", tool_call_id="b"), SAY], "a tool's result for a call that was not made"),
        ([SAY, {"role": "system", "content": "x"}, SAY], "a system turn inside the conversation"),
        ([{"role": "assistant", "content": [{"type": "image_url", "image_url": "x"}]}], "content is not text"),
        ([{"role": "assistant", "content": [{"type": "text", "text": ""}]}], "a message that says nothing"),
    ],
)
def test_what_cannot_be_put_right_is_refused(messages: list[Any], why: str) -> None:
    with pytest.raises(DropRow) as dropped:
        told(*messages)
    assert str(dropped.value) == why


def test_contents_in_parts_become_one_text() -> None:
    parts = [{"type": "text", "text": "one "}, "two"]
    assert told({"role": "assistant", "content": parts})[0]["content"] == "one two"


@pytest.mark.parametrize("key", ["thinking", "reasoning_content", "reasoning"])
def test_reasoning_has_one_name(key: str) -> None:
    assert told({**SAY, key: "hm"}) == [{**SAY, "thinking": "hm"}]


def test_system_turns_at_the_beginning_become_one() -> None:
    rules = [{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}]
    found = clean({"messages": [*rules, ASK, SAY]}, "messages")["messages"]
    assert found == [{"role": "system", "content": "a\n\nb"}, ASK, SAY]


def test_a_developers_text_comes_before_what_the_system_says() -> None:
    rules = {"role": "system", "content": "rules"}
    assert with_developer({"messages": [ASK, SAY]}, "do")["messages"][0] == {"role": "developer", "content": "do"}
    assert with_developer({"messages": [rules, ASK]}, "do")["messages"][0]["content"] == "do\n\nrules"
    assert with_developer({"prompt": [ASK], "chosen": [SAY]}, "do")["prompt"][0]["content"] == "do"
    assert with_developer({"prompt": "go", "chosen": "a"}, "do")["prompt"] == "do\n\ngo"


def mended(row: dict[str, Any], form: str) -> tuple[Any, list[str]]:
    found: list[str] = []
    return clean(row, form, found.append), found


def test_what_follows_the_last_answer_is_cut_off_and_told() -> None:
    row, repairs = mended({"messages": [ASK, SAY, ASK]}, "messages")
    assert row == {"messages": [ASK, SAY]}
    assert repairs == ["what follows the last answer is cut off"]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": [ASK], "chosen": [ASK, SAY], "rejected": [ASK, {**SAY, "content": "no"}]},
        {"prompt": "go", "chosen": [ASK, SAY], "rejected": [ASK, {**SAY, "content": "no"}]},
    ],
)
def test_answers_that_repeat_the_prompt_are_cut_and_told(row: dict[str, Any]) -> None:
    made, repairs = mended(row, "preference")
    assert made == {"prompt": [ASK], "chosen": [SAY], "rejected": [{**SAY, "content": "no"}]}
    assert repairs == ["the prompt is cut off the answers"]


def test_texts_that_repeat_the_prompt_are_cut_too() -> None:
    made, repairs = mended({"prompt": "2 + 2", "chosen": "2 + 2 = 4", "rejected": "2 + 2 = 5"}, "preference")
    assert made == {"prompt": "2 + 2", "chosen": " = 4", "rejected": " = 5"}
    assert repairs


def test_a_prompt_that_is_not_said_is_what_both_answers_begin_with() -> None:
    other = {**SAY, "content": "no"}
    made, repairs = mended({"chosen": [ASK, SAY], "rejected": [ASK, other]}, "preference")
    assert made == {"prompt": [ASK], "chosen": [SAY], "rejected": [other]}
    assert repairs == ["the prompt is taken from where the two answers begin alike"]


def test_ids_run_on_from_the_prompt_into_each_answer() -> None:
    prompt = [ASK, calls(call()), result("1"), ASK]
    made = clean({"prompt": prompt, "chosen": [calls(call("g"))], "rejected": [SAY]}, "preference")
    assert made["prompt"][1]["tool_calls"][0]["id"] == "call00000"
    assert made["chosen"][0]["tool_calls"][0]["id"] == "call00001"


def test_settings_for_the_chat_template_stay_with_the_row() -> None:
    row = {"messages": [ASK, SAY], "chat_template_kwargs": {"reasoning_effort": "high"}}
    assert clean(row, "messages") == row
    assert "chat_template_kwargs" not in clean({**row, "chat_template_kwargs": "high"}, "messages")
