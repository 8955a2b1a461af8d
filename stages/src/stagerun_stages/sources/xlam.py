"""xlam-60k: a question, tools and their calls, the last two as JSON in texts; the tools' parameters are no JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stagerun import DropRow, source
from stagerun_stages.sources.lenient import value_of
from stagerun_stages.sources.talk import call, says, text_of

Row = dict[str, Any]

KINDS = {
    "str": "string",
    "string": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "dict": "object",
    "object": "object",
    "list": "array",
    "array": "array",
    "tuple": "array",
    "set": "array",
}
_REMARK = re.compile(r",\s*(?:optional|required)\b[^\]]*$", re.IGNORECASE)
_TYPE = re.compile(r"(\w+)(?:\[(.*)\])?$")


@source(hub="Salesforce/xlam-function-calling-60k", gated=True, licence="cc-by-4.0")
def xlam_60k(row: Row) -> Row:
    """Questions that one or several tool calls answer, checked by its authors by running them."""
    answers, tools = _list(row, "answers"), _list(row, "tools")
    if not answers:
        raise DropRow("no tool call")
    calls = [call(each.get("name"), each.get("arguments")) for each in answers]
    asked = says("user", text_of(row, "query"))
    answer = {"role": "assistant", "content": "", "tool_calls": calls}
    return {"messages": [asked, answer], "tools": [_tool(tool) for tool in tools]}


def _list(row: Mapping[str, Any], key: str) -> list[Row]:
    value = row.get(key)
    try:
        value = value_of(value) if isinstance(value, str) else value
    except ValueError:
        raise DropRow(f"{key} that cannot be read") from None
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise DropRow(f"{key} is not a list of objects")
    return value


def _tool(tool: Row) -> Row:
    """A tool with its parameters as JSON Schema; those that are one already stay."""
    given = tool.get("parameters") or {}
    if not isinstance(given, dict) or "properties" in given:
        return tool
    properties = {name: _parameter(facts) for name, facts in given.items()}
    required = [name for name, facts in given.items() if _is_required(facts)]
    return {**tool, "parameters": {"type": "object", "properties": properties, "required": required}}


def _is_required(facts: Any) -> bool:
    return isinstance(facts, dict) and "default" not in facts and "optional" not in str(facts.get("type", "")).lower()


def _parameter(facts: Any) -> Row:
    if not isinstance(facts, dict):
        return {}
    kept = {key: value for key, value in facts.items() if key not in ("type", "required")}
    return {**_schema(_REMARK.sub("", str(facts.get("type", ""))).strip()), **kept}


def _schema(text: str) -> Row:
    """`List[int]` as JSON Schema. Of what has no word there, such as a union or a function, nothing is said."""
    found = _TYPE.match(text)
    name, inner = (found[1].lower(), found[2]) if found else ("", None)
    if name == "optional" and inner:
        return _schema(inner)
    kind = KINDS.get(name)
    if kind is None:
        return {}
    return {"type": kind, "items": _schema(inner)} if kind == "array" and inner else {"type": kind}
