"""Declarations of tools get one form."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import DropRow
from stagerun_stages.data.tools import declared


def parameters(**given: Any) -> Any:
    [tool] = declared([{"name": "f", "parameters": {"type": "object", "properties": {"a": given}}}])
    return tool["function"]["parameters"]["properties"]["a"]


def test_a_bare_declaration_is_wrapped_and_completed() -> None:
    assert declared([{"name": "f"}]) == [
        {
            "type": "function",
            "function": {"name": "f", "description": "", "parameters": {"type": "object", "properties": {}}},
        }
    ]


def test_a_whole_declaration_stays() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "enum": ["x", "y"], "default": "x"}},
        "required": ["a"],
    }
    tool = {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}
    assert declared([tool]) == [tool]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "array", "items": "string"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "string", "description": None, "enum": []}, {"type": "string"}),
        ({"type": 5, "required": True, "minimum": 0}, {"minimum": 0}),
        ({"enum": ["1", "2"], "default": 1}, {"enum": ["1", "2"]}),
        (
            {"oneOf": [{"type": "integer"}, "string"], "default": 1},
            {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        ),
        ({"type": "integer", "default": 1}, {"type": "integer", "default": 1}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"properties": {"b": "integer", "c": 5}}, {"properties": {"b": {"type": "integer"}, "c": {}}}),
    ],
)
def test_what_templates_stumble_over_is_left_out(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert parameters(**given) == kept


def test_a_tool_that_is_declared_twice_is_one() -> None:
    assert len(declared([{"name": "f"}, {"name": "f", "description": ""}])) == 1


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ("f", "tools is not a list of objects"),
        ({"name": "f"}, "tools is not a list of objects"),
        (["f"], "tools is not a list of objects"),
        ([{"name": ""}], "a tool without a name"),
        ([{"function": None}], "a tool without a name"),
        ([{"name": "f"}, {"name": "f", "description": "other"}], "a tool declared twice in different ways"),
    ],
)
def test_what_is_no_declaration_is_refused(tools: Any, why: str) -> None:
    with pytest.raises(DropRow) as dropped:
        declared(tools)
    assert str(dropped.value) == why
