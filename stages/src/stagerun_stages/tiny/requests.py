"""What a user of the small world asks for, and the tool call that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from stagerun_stages.tiny import words

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "read": {"path": "string", "first": "integer", "last": "integer"},
    "search": {"text": "string", "path": "string"},
    "list": {"path": "string"},
    "test": {"path": "string"},
    "move": {"path": "string", "to": "string"},
}
PHRASES: Mapping[str, tuple[str, ...]] = {
    "read": ("show lines {first} to {last} of {path}", "what is in lines {first} to {last} of {path}"),
    "search": ('find "{text}" in {path}', 'where is "{text}" in {path}'),
    "list": ("show the files in {path}", "what files are in {path}"),
    "test": ("run the tests in {path}", "check {path}"),
    "move": ("move {path} to {to}", "rename {path} to {to}"),
}
FIRST_TOOLS = ("read", "search", "list", "test")
ALL_TOOLS = (*FIRST_TOOLS, "move")
POLITE = ("could you {}", "please {}", "can you {}")

Message = dict[str, Any]


def request(random: Random, tools: Sequence[str]) -> tuple[str, Message]:
    """A request for one of `tools`, and the assistant's message that makes the call."""
    name = random.choice(tools)
    arguments = _arguments(random, name)
    return random.choice(PHRASES[name]).format(**arguments), call(name, arguments)


def user(text: str) -> Message:
    """A user's message."""
    return {"role": "user", "content": text}


def says(text: str) -> Message:
    """An assistant's message in words."""
    return {"role": "assistant", "content": text}


def call(name: str, arguments: Mapping[str, Any]) -> Message:
    """An assistant's message that calls a tool."""
    function = {"name": name, "arguments": dict(arguments)}
    return {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}]}


def tools(names: Sequence[str]) -> list[dict[str, Any]]:
    """Declarations of the named tools, as chat templates take them."""
    return [{"type": "function", "function": {"name": name, "parameters": _schema(ARGUMENTS[name])}} for name in names]


def _schema(arguments: Mapping[str, str]) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in arguments.items()}
    return {"type": "object", "properties": properties, "required": list(arguments)}


def _arguments(random: Random, name: str) -> dict[str, Any]:
    first = words.number(random)
    values = {
        "path": words.folder(random) if name == "list" else words.file(random),
        "to": words.file(random),
        "text": words.symbol(random),
        "first": first,
        "last": first + random.randint(1, 20),
    }
    return {argument: values[argument] for argument in ARGUMENTS[name]}
