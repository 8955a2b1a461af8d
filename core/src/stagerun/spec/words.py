"""How values and places of a pipeline file are put into words for messages. Only text is made here, nothing is judged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

LONGEST = 60  # characters of a value that a message shows
MOST = 20  # names that a message lists

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def kind(value: Any) -> str:
    """What a TOML value is: 'a string', 'an integer', 'a list'."""
    if isinstance(value, bool):
        return "a boolean"
    for types, words in ((str, "a string"), (int, "an integer"), (float, "a float"), (Mapping, "a table")):
        if isinstance(value, types):
            return words
    return "a list" if isinstance(value, list | tuple) else "a date or time"


def literal(value: Any) -> str:
    """The value roughly as TOML writes it, on one line, cut when long."""
    text = _literal(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _literal(value: Any) -> str:
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{dotted([key])} = {_literal(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return str(value)


def found(value: Any) -> str:
    """A value and what it is: '"3" (a string)'."""
    return f"{literal(value)} ({kind(value)})"


def dotted(path: Iterable[str]) -> str:
    """A place as TOML writes keys: `tui.stages.a`, parts in quotes where they need them."""
    return ".".join(part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False) for part in path)


def one_of(names: Iterable[str]) -> str:
    """'one of a, b, c'; many names are cut, and no names give no words."""
    ordered = sorted(names)
    if len(ordered) < 2:
        return "".join(ordered)
    rest = len(ordered) - MOST
    return f"one of {', '.join(ordered[:MOST])}" + (f" and {rest} more" if rest > 0 else "")
