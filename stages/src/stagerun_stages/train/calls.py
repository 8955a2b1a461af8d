"""Reads a tool call or a plain answer out of generated text, in the forms that chat templates in use write them.

Known forms: Harmony (`to=functions.NAME ... <|message|>{...}`), `<tool_call>{...}</tool_call>` (Hermes, Qwen), and a bare
JSON object with name and arguments or parameters (Llama 3). Not covered: several calls in one answer; the first counts.
"""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import frozen

_HARMONY_CALL = re.compile(r"to=(?:functions\.)?([\w.-]+).*?<\|message\|>(.*?)(?:<\|call\|>|<\|end\|>|$)", re.DOTALL)
_HARMONY_FINAL = re.compile(r"<\|channel\|>final.*?<\|message\|>(.*?)(?:<\|return\|>|<\|end\|>|$)", re.DOTALL)
_TAGGED_CALL = re.compile(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|$)", re.DOTALL)


@frozen
class Call:
    """A tool call: the tool's name and its arguments as JSON values."""

    name: str
    arguments: Any


def read_call(text: str) -> Call | None:
    """The first tool call in a generated answer, special tokens included; None when there is none that can be read."""
    harmony = _HARMONY_CALL.search(text)
    if harmony:
        arguments = _json(harmony[2])
        return None if arguments is None else Call(harmony[1], arguments)
    tagged = _TAGGED_CALL.search(text)
    return _from_object(_json(tagged[1] if tagged else _plain(text)))


def read_text(text: str, special: frozenset[str]) -> str:
    """What the answer says to the user: Harmony's final channel, or all of it without special tokens."""
    final = _HARMONY_FINAL.search(text)
    return _plain(final[1] if final else text, special)


def expected_call(value: Any) -> Call | None:
    """The call that a held-out row expects, `{"name": ..., "arguments": {...}}`; None for a plain text."""
    return _from_object(value) if isinstance(value, dict) else None


def _from_object(value: Any) -> Call | None:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    return Call(value["name"], _json(arguments) if isinstance(arguments, str) else arguments)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _plain(text: str, special: frozenset[str] = frozenset()) -> str:
    for token in special:
        text = text.replace(token, "")
    return re.sub(r"<\|[^|>]*\|>", "", text).strip()
