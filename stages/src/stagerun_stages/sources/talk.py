"""Messages as training reads them, and the roles that datasets give their turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stagerun import DropRow

Message = dict[str, Any]

ROLES: Mapping[str, str] = {
    "system": "system",
    "developer": "developer",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
}


def says(role: str, text: str) -> Message:
    """A message in words."""
    return {"role": role, "content": text.strip()}


def call(name: Any, arguments: Any) -> Message:
    """One call of a tool; what is wrong with it is found when the whole row is looked at."""
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def turns_of(row: Mapping[str, Any], key: str = "conversations") -> list[tuple[str, str]]:
    """Role and text of each turn, whichever names the row has for them; raises DropRow."""
    turns = row.get(key)
    if not isinstance(turns, Sequence) or isinstance(turns, str) or not turns:
        raise DropRow(f"no {key}")
    return [_turn(turn) for turn in turns]


def text_of(row: Mapping[str, Any], *keys: str) -> str:
    """The text under the first of `keys` that is there; raises DropRow when there is none, or it is no text, or empty."""
    key = next((key for key in keys if row.get(key) is not None), keys[0])
    text = row.get(key)
    if not isinstance(text, str):
        raise DropRow(f'no "{key}"' if text is None else f"{key} is not text")
    if not text.strip():
        raise DropRow(f"empty {key}")
    return text


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, Mapping):
        raise DropRow("a turn that is not an object")
    role, text = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
    if not isinstance(role, str) or role not in ROLES:
        raise DropRow("unknown role")
    if not isinstance(text, str):
        raise DropRow("content is not text")
    return ROLES[role], text
