"""Takes code out of what a model said, and a task out of a row."""

from __future__ import annotations

import re
from typing import Any

import attrs

from stagerun import StageError, Task
from stagerun_stages.train.calls import read_call, read_text

_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:```|$)", re.DOTALL)
_TASK_FIELDS = frozenset(each.name for each in attrs.fields(Task))


def code_of(text: str, special: frozenset[str]) -> str:
    """The code in an answer: a tool call's first text argument, else the last fenced block, else all of it."""
    call = read_call(text)
    if call is not None and isinstance(call.arguments, dict):
        texts = [value for value in call.arguments.values() if isinstance(value, str)]
        if texts:
            return max(texts, key=len)
    said = read_text(text, special)
    blocks = _FENCED.findall(said)
    return str(blocks[-1]) if blocks else said


def read_task(row: Any) -> Task:
    """A judge's task from a row's `task` table; raises StageError for a table without id and language, or with other keys."""
    if not isinstance(row, dict) or not {"id", "language"} <= set(row):
        raise StageError(
            "a row's task has no id or language", "a task is {id, language, tests, expected, entry, files}"
        )
    other = sorted(set(row) - _TASK_FIELDS)
    if other:
        raise StageError(f'the task {row["id"]} has "{other[0]}"', f"a task takes {', '.join(sorted(_TASK_FIELDS))}")
    return Task(**{**row, "expected": tuple(row.get("expected", ()))})
