"""glaive-v2: a system text that declares functions, and a chat in one text with `<functioncall>` in a spelling of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stagerun import DropRow, source
from stagerun_stages.sources.lenient import first_value, values_of
from stagerun_stages.sources.talk import Message, call, says, text_of

Row = dict[str, Any]

ROLES = {"USER": "user", "ASSISTANT": "assistant", "FUNCTION RESPONSE": "tool"}
CALL, END = "<functioncall>", "<|endoftext|>"
_TURN = re.compile(r"(?:\A|\n)[ \t]*(USER|ASSISTANT|FUNCTION RESPONSE):")
_STRAY = re.compile(r"(?:\s*ASSISTANT:)+")
_DECLARED = re.compile(r"\s*(?:with access to the following functions|use them if required)[^{]*", re.IGNORECASE)
_NAME = re.compile(r'"name"\s*:\s*"([^"]*)"')
_QUOTED = re.compile(r"[\"'](?:arguments|parameters)[\"']\s*:\s*'")
_CLOSE = re.compile(r"'\s*\}?\s*$")
BEHIND = " \t\n'\"}]"  # what may follow a call without meaning anything


@source(hub="glaiveai/glaive-function-calling-v2", licence="apache-2.0")
def glaive_v2(row: Row) -> Row:
    """Conversations over made-up functions, a third of them without any."""
    system, tools = _system(text_of(row, "system"))
    messages = [*([says("system", system)] if system else []), *_messages(text_of(row, "chat"))]
    return {"messages": messages, "tools": tools}


def _system(text: str) -> tuple[str, list[Any]]:
    """What the system says, and the functions it declares: objects one behind the other, without the brackets of a list."""
    text = text.strip().removeprefix("SYSTEM:").strip()
    words, brace, functions = text.partition("{")
    try:
        tools = values_of(brace + functions)
    except ValueError:
        raise DropRow("tools that cannot be read") from None
    return (_DECLARED.sub("", words).rstrip(" -\n[") + "." if tools else text), tools


def _messages(chat: str) -> Iterator[Message]:
    before, *parts = _TURN.split(chat)
    if before.strip():
        raise DropRow("words before the first turn")
    turns = list(zip(parts[::2], parts[1::2], strict=True))
    for place, (marker, text) in enumerate(turns):
        said = text.replace(END, "").strip()
        following = turns[place + 1][0] if place + 1 < len(turns) else "ASSISTANT"
        if marker != "ASSISTANT":
            yield says(ROLES[marker], said)
        elif (said := _STRAY.sub("", said) if said.startswith("ASSISTANT:") else said) or following != "ASSISTANT":
            yield _answer(said)


def _answer(text: str) -> Message:
    words, *calls = text.split(CALL)
    message = says("assistant", words)
    return message | {"tool_calls": [_call(each) for each in calls]} if calls else message


def _call(text: str) -> Message:
    """`{"name": "f", "arguments": '{"a": 1}'}`: the arguments are JSON in single quotes, apostrophes and all; or an object."""
    try:
        quoted = _QUOTED.search(text)
        if quoted:
            name = _NAME.search(text)
            arguments, rest = first_value(_CLOSE.sub("", text[quoted.end() :]).replace("\\'", "'"))
            made = call(name[1] if name else None, arguments)
        else:
            value, rest = first_value(text)
            made = call(value.get("name"), value.get("arguments", value.get("parameters")))
    except (ValueError, AttributeError):
        raise DropRow("a tool call that cannot be read") from None
    if rest.strip(BEHIND):
        raise DropRow("words behind a tool call")
    return made
