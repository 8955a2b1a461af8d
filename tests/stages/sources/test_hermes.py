"""hermes-v1: tags, two spellings of one call, and configurations with other columns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stagerun_stages.sources.hermes import CONFIGURATIONS, hermes_v1

LOOK = {
    "type": "function",
    "function": {"name": "look", "description": "", "parameters": {"type": "object", "properties": {}}},
}
RULES = f"You call functions. Signatures stand within <tools> {json.dumps([LOOK])} </tools>. Answer <tool_call>{{}}</tool_call>"


def row(*turns: tuple[str, str], **more: Any) -> dict[str, Any]:
    told = [("system", RULES), ("human", "look"), *turns]
    return {"id": "1", "conversations": [{"from": who, "value": text} for who, text in told], "tools": None, **more}


def test_calls_are_read_as_json_and_as_python_even_in_one_turn(made: Any) -> None:
    calls = """<tool_call>
{"name": "look", "arguments": {"far": true}}
</tool_call>
<tool_call>
{'name': 'look', 'arguments': {'far': True, 'what': None}}
</tool_call>"""
    found = made(hermes_v1, row(("gpt", calls)))
    assert [call["function"]["arguments"] for call in found["messages"][1]["tool_calls"]] == [
        {"far": True},
        {"far": True, "what": None},
    ]


def test_the_rules_for_tags_give_way_and_their_tools_are_kept(made: Any) -> None:
    found = made(hermes_v1, row(("gpt", "no")))
    assert [each["role"] for each in found["messages"]] == ["user", "assistant"]
    assert found["tools"] == [LOOK]


def test_tools_of_the_column_come_first(made: Any) -> None:
    other = {"name": "listen", "description": "x", "parameters": {}}
    found = made(hermes_v1, row(("gpt", "no"), tools=json.dumps([other])))
    assert [tool["function"]["name"] for tool in found["tools"]] == ["listen"]


def test_results_are_taken_out_of_their_tags_one_by_one(made: Any) -> None:
    calls = '<tool_call>{"name": "look"}</tool_call>' * 2
    results = "<tool_response>\n{'a': 1}\n</tool_response>\n<tool_response>2</tool_response>"
    found = made(hermes_v1, row(("gpt", calls), ("tool", results), ("gpt", "done")))
    ids = [call["id"] for call in found["messages"][1]["tool_calls"]]
    told = [(each["content"], each["tool_call_id"]) for each in found["messages"][2:4]]
    assert told == [("{'a': 1}", ids[0]), ("2", ids[1])]


def test_words_and_thoughts_before_a_call_are_kept_apart(made: Any) -> None:
    said = '<scratch_pad>hm</scratch_pad>I look.\n<tool_call>{"name": "look"}</tool_call>'
    answer = made(hermes_v1, row(("gpt", said)))["messages"][1]
    assert (answer["thinking"], answer["content"], len(answer["tool_calls"])) == ("hm", "I look.", 1)


def test_a_call_whose_end_is_missing_is_read(made: Any) -> None:
    found = made(hermes_v1, row(("gpt", '<tool_call>{"name": "look", "arguments": {"a": {"b": 1}}')))
    assert found["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"a": {"b": 1}}


def test_a_row_of_json_mode_keeps_its_system_turn_and_has_no_tools(made: Any) -> None:
    schema = "You answer in JSON: <schema>{'type': 'object'}</schema>"
    turns = [("system", schema), ("human", "go"), ("gpt", '{"a": 1}')]
    given = {"conversations": [{"from": who, "value": text} for who, text in turns], "schema": "{}", "category": "x"}
    found = made(hermes_v1, given)
    assert found["messages"][0] == {"role": "system", "content": schema}
    assert "tools" not in found


def test_every_configuration_is_a_part() -> None:
    assert tuple(part.config for part in hermes_v1.parts) == CONFIGURATIONS


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        ([("gpt", "<tool_call>look</tool_call>")], "a tool call that cannot be read"),
        ([("gpt", "<tool_call>[1]</tool_call>")], "a tool call that is no object"),
        ([("gpt", '<tool_call>{"name": "look"}</tool_call> there')], "words behind a tool call"),
        ([("gpt", '<tool_call>{"name": "look"} there</tool_call>')], "words behind a tool call"),
        ([("gpt", '<tool_call>{"name": "leap"}</tool_call>')], "a call of a tool that is not declared"),
        ([("tool", "<tool_response>1</tool_response>"), ("gpt", "x")], "a tool's result before any call"),
        ([("robot", "x")], "unknown role"),
        ([("gpt", "")], "a message that says nothing"),
        ([], "nothing an assistant says"),
    ],
)
def test_a_broken_row_is_dropped_with_its_reason(reason: Any, turns: list[tuple[str, str]], why: str) -> None:
    assert reason(hermes_v1, row(*turns)) == why


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"conversations": None}, "no conversations"),
        ({"conversations": "x"}, "no conversations"),
        ({"conversations": ["x"]}, "a turn that is not an object"),
        ({"conversations": [{"from": "gpt"}]}, "content is not text"),
        ({"tools": "not JSON"}, "tools that cannot be read"),
    ],
)
def test_broken_columns_drop_the_row(reason: Any, broken: dict[str, Any], why: str) -> None:
    assert reason(hermes_v1, row(("gpt", "x"), **broken)) == why
