"""xlam-60k: JSON in texts, and types that are no JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stagerun_stages.sources.xlam import xlam_60k

SUM = {
    "name": "sum",
    "description": "Adds",
    "parameters": {
        "numbers": {"description": "what to add", "type": "List[int]"},
        "start": {"description": "from", "type": "float, optional", "default": "0"},
        "names": {"type": "Dict[str, Any]"},
        "either": {"type": "Union[int, str]"},
        "later": {"type": "Callable[[float], float]"},
        "perhaps": {"type": "Optional[bool]"},
        "pairs": {"type": "List[Tuple[int, str]]"},
    },
}


def row(**more: Any) -> dict[str, Any]:
    answers = [{"name": "sum", "arguments": {"numbers": [1, 2]}}, {"name": "sum", "arguments": {"numbers": [3]}}]
    return {"id": 1, "query": "Add these", "answers": json.dumps(answers), "tools": json.dumps([SUM]), **more}


def test_several_answers_are_calls_made_at_once(made: Any) -> None:
    found = made(xlam_60k, row())
    [asked, answered] = found["messages"]
    assert asked == {"role": "user", "content": "Add these"}
    assert [call["function"]["arguments"] for call in answered["tool_calls"]] == [{"numbers": [1, 2]}, {"numbers": [3]}]
    assert len({call["id"] for call in answered["tool_calls"]}) == 2


def test_flat_parameters_become_json_schema(made: Any) -> None:
    [tool] = made(xlam_60k, row())["tools"]
    assert tool["function"]["parameters"] == {
        "type": "object",
        "properties": {
            "numbers": {"type": "array", "items": {"type": "integer"}, "description": "what to add"},
            "start": {"type": "number", "description": "from", "default": "0"},
            "names": {"type": "object"},
            "either": {},
            "later": {},
            "perhaps": {"type": "boolean"},
            "pairs": {"type": "array", "items": {"type": "array", "items": {}}},
        },
        "required": ["numbers", "names", "either", "later", "pairs"],
    }


def test_parameters_that_are_json_schema_already_stay(made: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    tools = json.dumps([{"name": "sum", "parameters": schema}])
    assert made(xlam_60k, row(tools=tools))["tools"][0]["function"]["parameters"] == schema


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"answers": "[]"}, "no tool call"),
        ({"answers": "not JSON"}, "answers that cannot be read"),
        ({"answers": '{"name": "sum"}'}, "answers is not a list of objects"),
        ({"answers": None}, "answers is not a list of objects"),
        ({"answers": '["sum"]'}, "answers is not a list of objects"),
        ({"answers": '[{"arguments": {}}]'}, "a tool call without a name"),
        ({"answers": '[{"name": "sum", "arguments": [1]}]'}, "tool call arguments are no JSON object"),
        ({"answers": '[{"name": "other", "arguments": {}}]'}, "a call of a tool that is not declared"),
        ({"tools": "[1]"}, "tools is not a list of objects"),
        ({"tools": '[{"description": "?"}]'}, "a tool without a name"),
        ({"query": ""}, "empty query"),
        ({"query": None}, 'no "query"'),
    ],
)
def test_a_broken_row_is_dropped_with_its_reason(reason: Any, broken: dict[str, Any], why: str) -> None:
    assert reason(xlam_60k, row(**broken)) == why
