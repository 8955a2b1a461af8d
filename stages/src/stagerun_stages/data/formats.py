"""What a row must look like in each format. A function gives the row in its clean form or raises Bad with the reason.

Reasons are short and hold no text of the row, since they are counted. Clean means: only the keys that training reads, arguments
and tools as JSON values even where a source had them as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stagerun_stages.data.sources import parse

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
PARTS = ("prompt", "chosen", "rejected")

Row = dict[str, Any]


class Bad(Exception):
    """The row cannot be used; the text says why."""


def messages(row: Row) -> Row:
    """`{"messages": [...], "tools": [...]}` in which an assistant says something."""
    told = _conversation(row, "messages")
    if not any(each["role"] == "assistant" for each in told):
        raise Bad("nothing an assistant says")
    return {"messages": told, **_tools(row)}


def preference(row: Row) -> Row:
    """`{"prompt", "chosen", "rejected", "tools"}`, all messages or all text; the answers differ and leave the prompt out."""
    texts = [row.get(part) for part in PARTS]
    if all(isinstance(text, str) for text in texts):
        if not all(str(text).strip() for text in texts):
            raise Bad("empty text")
        clean: Row = dict(zip(PARTS, texts, strict=True))
    else:
        clean = {part: _conversation(row, part) for part in PARTS}
        if any(clean[part][0]["role"] != "assistant" for part in PARTS[1:]):
            raise Bad("an answer that does not begin with the assistant")
    _check_answers(clean)
    return {**clean, **_tools(row)}


def tasks(row: Row) -> Row:
    """`{"messages": [...], "task": {...}}`, or `expect` in place of `task`; `prompt` is taken for `messages`."""
    told = _conversation(row, "prompt" if "messages" not in row else "messages")
    if told[-1]["role"] == "assistant":
        raise Bad("the question ends with the assistant")
    if "task" not in row and "expect" not in row:
        raise Bad("neither task nor expect")
    judged: Row = {key: row[key] for key in ("task", "expect") if key in row}
    if "task" in judged:
        _check_task(judged["task"])
    return {"messages": told, **_tools(row), **judged}


FORMATS: Mapping[str, Callable[[Row], Row]] = {"messages": messages, "preference": preference, "tasks": tasks}


def clean(value: Any, form: str) -> Row:
    """A row of the format `form`; raises Bad."""
    if not isinstance(value, dict):
        raise Bad("not a JSON object")
    return FORMATS[form](value)


def _check_answers(row: Row) -> None:
    if row["chosen"] == row["rejected"]:
        raise Bad("chosen and rejected are equal")
    start = row["prompt"]
    if any(row[part][: len(start)] == start for part in PARTS[1:]):
        raise Bad("an answer that repeats the prompt")


def _check_task(task: Any) -> None:
    if not isinstance(task, dict):
        raise Bad("task is not an object")
    if not isinstance(task.get("tests"), str) or not task["tests"].strip():
        raise Bad("a task without tests")


def _conversation(row: Row, key: str) -> list[Row]:
    if key not in row:
        raise Bad(f'no "{key}"')
    told = row[key]
    if not isinstance(told, list):
        raise Bad(f"{key} is not a list")
    if not told:
        raise Bad(f"empty {key}")
    clean_messages = [_message(each) for each in told]
    _check_results(clean_messages)
    return clean_messages


def _message(message: Any) -> Row:
    if not isinstance(message, dict):
        raise Bad("a message that is not an object")
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise Bad("unknown role")
    content, calls = message.get("content"), message.get("tool_calls")
    if content is not None and not isinstance(content, str):
        raise Bad("content is not text")
    made: Row = {"role": role, "content": content or ""}
    if calls and role == "assistant":
        made["tool_calls"] = _calls(calls)
    elif role != "tool" and not made["content"].strip():
        raise Bad("a message that says nothing")
    optional = {"assistant": ("thinking",), "tool": ("name", "tool_call_id")}.get(role, ())
    return made | {key: message[key] for key in optional if isinstance(message.get(key), str)}


def _calls(calls: Any) -> list[Row]:
    if not isinstance(calls, list):
        raise Bad("tool_calls is not a list")
    return [_call(each) for each in calls]


def _call(call: Any) -> Row:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
        raise Bad("a tool call without a name")
    arguments = _parsed(function.get("arguments") or {})
    if not isinstance(arguments, dict):
        raise Bad("tool call arguments are no JSON object")
    named = {"id": call["id"]} if isinstance(call.get("id"), str) else {}
    return {**named, "type": "function", "function": {"name": function["name"], "arguments": arguments}}


def _check_results(told: Sequence[Row]) -> None:
    called = False
    for message in told:
        called = called or "tool_calls" in message
        if message["role"] == "tool" and not called:
            raise Bad("a tool's result before any call")


def _tools(row: Row) -> Row:
    tools = _parsed(row.get("tools") or [])
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise Bad("tools is not a list of objects")
    return {"tools": tools} if tools else {}


def _parsed(value: Any) -> Any:
    """JSON that stands in a text, as many sources have it; what is no JSON stays text and is found by its type."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except (ValueError, RecursionError):
        return value
