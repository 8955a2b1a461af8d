"""Conversations in one form: role, content, thinking, tool calls with ids, and tool results that say which call they answer.

Covered: contents in parts, other names for the reasoning, arguments written as text, ids that are missing. Several system turns
at the beginning become one; a later one has no place in most chat templates, some of which leave it out without a word, so such
a row is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stagerun import DropRow
from stagerun_stages.data.json_rows import parse

Row = dict[str, Any]

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
SYSTEM = frozenset({"system", "developer"})
THOUGHTS = ("thinking", "reasoning_content", "reasoning")


def conversation(told: Any, key: str) -> list[Row]:
    """The messages that stand under `key`, each in its clean form; raises DropRow."""
    if not isinstance(told, list):
        raise DropRow(f'no "{key}"' if told is None else f"{key} is not a list")
    if not told:
        raise DropRow(f"empty {key}")
    return _one_system([_message(each) for each in told])


def with_developer(row: Row, text: str) -> Row:
    """A row of messages with a text before its first one, which it becomes part of when that is the system's."""
    key = "messages" if "messages" in row else "prompt"
    if isinstance(row[key], str):
        return {**row, key: f"{text}\n\n{row[key]}"}
    return {**row, key: _one_system([{"role": "developer", "content": text}, *row[key]])}


def linked(told: Sequence[Row]) -> list[Row]:
    """Messages in which each call has an id and each result names its call; raises DropRow for a result of none."""
    waiting: dict[str, str] = {}  # id of a call without a result -> its tool
    known: dict[str, str] = {}
    made = []
    for message in told:
        if "tool_calls" in message:
            calls = _with_ids(message["tool_calls"], known)
            waiting = {call["id"]: call["function"]["name"] for call in calls}
            known |= waiting
            made.append({**message, "tool_calls": calls})
        elif message["role"] == "tool":
            made.append(_answered(message, waiting, known))
        else:
            made.append(message)
    return made


def _one_system(told: list[Row]) -> list[Row]:
    """The system turns at the beginning as one."""
    rest = next((place for place, each in enumerate(told) if each["role"] not in SYSTEM), len(told))
    if any(each["role"] in SYSTEM for each in told[rest:]):
        raise DropRow("a system turn inside the conversation")
    if rest < 2:
        return told
    return [{**told[0], "content": "\n\n".join(each["content"] for each in told[:rest])}, *told[rest:]]


def _message(message: Any) -> Row:
    if not isinstance(message, dict):
        raise DropRow("a message that is not an object")
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise DropRow("unknown role")
    made: Row = {"role": role, "content": _content(message.get("content"))}
    calls = message.get("tool_calls")
    if calls and role == "assistant":
        made["tool_calls"] = _calls(calls)
    elif role != "tool" and not made["content"].strip():
        raise DropRow("a message that says nothing")
    return made | _more(message, role)


def _content(content: Any) -> str:
    """Text, also where it is given in parts."""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else 0
    if content is not None and not isinstance(content, str):
        raise DropRow("content is not text")
    return content or ""


def _more(message: Row, role: str) -> Row:
    """The keys that a role may have beside its content."""
    if role == "assistant":
        thoughts = [message[key] for key in THOUGHTS if isinstance(message.get(key), str) and message[key].strip()]
        return {"thinking": thoughts[0]} if thoughts else {}
    keys = ("name", "tool_call_id") if role == "tool" else ()
    return {key: message[key] for key in keys if isinstance(message.get(key), str)}


def _calls(calls: Any) -> list[Row]:
    if not isinstance(calls, list):
        raise DropRow("tool_calls is not a list")
    return [_call(each) for each in calls]


def _call(call: Any) -> Row:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"].strip():
        raise DropRow("a tool call without a name")
    arguments = parsed(function.get("arguments") or {})
    if not isinstance(arguments, dict):
        raise DropRow("tool call arguments are no JSON object")
    named = {"id": call["id"]} if isinstance(call.get("id"), str) and call["id"] else {}
    return {**named, "type": "function", "function": {"name": function["name"].strip(), "arguments": arguments}}


def parsed(value: Any) -> Any:
    """JSON that stands in a text, as many sources have it; what is no JSON stays text and is found by its type."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except (ValueError, RecursionError):
        return value


def _with_ids(calls: Iterable[Row], known: Mapping[str, str]) -> list[Row]:
    """Ids of nine letters and digits where there are none: the form that Mistral's template insists on."""
    made: list[Row] = []
    for call in calls:
        number = len(known) + len(made)
        made.append({"id": f"call{number:05}", **call})
    if len({call["id"] for call in made} | set(known)) < len(known) + len(made):
        raise DropRow("two tool calls with one id")
    return made


def _answered(message: Row, waiting: dict[str, str], known: Mapping[str, str]) -> Row:
    """A result with the id and the name of its call: the one it names, else the first that waits for one, else the last."""
    if not known:
        raise DropRow("a tool's result before any call")
    mine = message.get("tool_call_id") or next(iter(waiting), list(known)[-1])
    if mine not in known:
        raise DropRow("a tool's result for a call that was not made")
    waiting.pop(mine, None)
    return {**message, "name": message.get("name", known[mine]), "tool_call_id": mine}
