"""hermes-v1: turns with `<tool_call>` and `<tool_response>` tags, in five configurations that do not have the same columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stagerun import DropRow, Part, source
from stagerun_stages.sources.lenient import first_value, value_of
from stagerun_stages.sources.talk import Message, call, says, turns_of

Row = dict[str, Any]

CONFIGURATIONS = (
    "func_calling_singleturn",
    "func_calling",
    "glaive_func_calling",
    "json_mode_agentic",
    "json_mode_singleturn",
)
_TOOLS = re.compile(r"<tools>(.*?)</tools>", re.DOTALL)
_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_RESULT = re.compile(r"<tool_response>(.*?)(?:</tool_response>|(?=<tool_response>)|\Z)", re.DOTALL)
_THOUGHT = re.compile(r"<(think|scratch_pad)>(.*?)</\1>", re.DOTALL)


@source(
    hub="NousResearch/hermes-function-calling-v1",
    parts=tuple(Part(config=name) for name in CONFIGURATIONS),
    licence="apache-2.0",
)
def hermes_v1(row: Row) -> Row:
    """Function calling over one and several turns, and answers in JSON; its rules for tags give way to the model's own."""
    turns = turns_of(row)
    rules = next((text for role, text in turns if role == "system" and "<tools>" in text), "")
    told = [(role, text) for role, text in turns if text is not rules]
    tools = _tools(row.get("tools")) or _tools(_within(_TOOLS, rules)) or []
    return {"messages": [message for turn in told for message in _messages(*turn)], "tools": tools}


def _tools(value: Any) -> Any:
    try:
        return value_of(value) if isinstance(value, str) and value.strip() else value
    except ValueError:
        raise DropRow("tools that cannot be read") from None


def _within(pattern: re.Pattern[str], text: str) -> str:
    """What stands between the last pair of tags; the rules for using tags may come first, and hold a pair with nothing in it."""
    found = [each for each in pattern.findall(text) if each.strip(" \n{}")]
    return found[-1] if found else ""


def _messages(role: str, text: str) -> Iterator[Message]:
    if role == "assistant":
        yield _answer(text)
    elif role == "tool" and "<tool_response>" in text:
        yield from (says("tool", result) for result in _RESULT.findall(text))
    else:
        yield says(role, text)


def _answer(text: str) -> Message:
    thoughts = [found[1].strip() for found in _THOUGHT.findall(text)]
    text = _THOUGHT.sub("", text)
    words, _, _ = text.partition("<tool_call>")
    message = says("assistant", words)
    if thoughts:
        message["thinking"] = "\n\n".join(thoughts)
    calls = [_call(each) for each in _CALL.findall(text)]
    if calls and _CALL.sub("", text).strip() != message["content"]:
        raise DropRow("words behind a tool call")
    return message | {"tool_calls": calls} if calls else message


def _call(text: str) -> Message:
    try:
        value, rest = first_value(text)
    except ValueError:
        raise DropRow("a tool call that cannot be read") from None
    if not isinstance(value, Mapping):
        raise DropRow("a tool call that is no object")
    if rest.strip(" \n}"):
        raise DropRow("words behind a tool call")
    return call(value.get("name"), value.get("arguments", value.get("parameters")))
