"""Declarations of tools in one form, safe for chat templates, which read them deeply and fail on what they do not expect.

The form is `{"type": "function", "function": {"name", "description", "parameters"}}` with JSON Schema for the
parameters. Words of JSON Schema that hold something other than they should are left out; a tool without a name is no tool.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stagerun import DropRow

Row = dict[str, Any]

UNIONS = ("oneOf", "anyOf", "allOf")
NAMED = ("properties", "$defs", "definitions")


def declared(tools: Any) -> list[Row]:
    """Each tool once; raises DropRow for what is no list of tools."""
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise DropRow("tools is not a list of objects")
    found: dict[str, Row] = {}
    for tool in tools:
        made = _tool(tool)
        name = made["function"]["name"]
        if found.setdefault(name, made) != made:
            raise DropRow("a tool declared twice in different ways")
    return list(found.values())


def _tool(tool: Mapping[str, Any]) -> Row:
    function = tool.get("function", tool)
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"].strip():
        raise DropRow("a tool without a name")
    parameters = function.get("parameters")
    schema = _schema(parameters) if isinstance(parameters, dict) else {}
    kept = {"type": "object", "properties": {}, **schema}
    return {
        "type": "function",
        "function": {"name": function["name"], "description": _about(function), "parameters": kept},
    }


def _about(function: Mapping[str, Any]) -> str:
    about = function.get("description")
    return about if isinstance(about, str) else ""


def _schema(value: Any) -> Row:
    """A schema and those within it; a bare word such as "string" is taken for the type."""
    if isinstance(value, str):
        return {"type": value}
    if not isinstance(value, dict):
        return {}
    made = {str(key): inner for key, inner in value.items() if inner is not None and _fits(str(key), inner)}
    for key in NAMED:
        if key in made:
            made[key] = {str(name): _schema(inner) for name, inner in made[key].items()}
    for key in UNIONS:
        if key in made:
            made[key] = [_schema(inner) for inner in made[key]]
    if "items" in made:
        made["items"] = _schema(made["items"])
    if ("enum" in made or "oneOf" in made) and not isinstance(made.get("default", ""), str):
        del made["default"]  # templates write it behind the choices as it is
    return made


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_FITTING: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(NAMED, lambda value: isinstance(value, dict)),
    **dict.fromkeys(UNIONS, lambda value: isinstance(value, list)),
    **dict.fromkeys(("description", "title", "format"), lambda value: isinstance(value, str)),
    "type": lambda value: isinstance(value, str) or (_texts(value) and len(value) > 0),
    "items": lambda value: isinstance(value, dict | str),
    "required": _texts,
    "enum": lambda value: isinstance(value, list) and len(value) > 0,
}


def _fits(key: str, value: Any) -> bool:
    return key not in _FITTING or _FITTING[key](value)
