"""Tasks and texts out of JSON objects: every field checked, every complaint one line with its place.

A row is a task itself, or has one below `task` with the messages that ask for it (the rows that training reads).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from stagerun.contracts.task import Task
from stagerun.errors import StageError, nearest
from stagerun.tasks.files import fault_of_path, fault_of_text

FIELDS = tuple(each.name for each in attrs.fields(Task))
TEXTS = ("id", "language", "statement", "tests", "entry")
BESIDE = ("prompt", "messages")  # who asks, in a row of training


def task_of(row: Mapping[str, Any], name: str, language: str = "") -> Task:
    """The task of a row. `language` is for rows that name none; raises StageError with `name` in it."""
    if isinstance(row.get("task"), Mapping):
        return _of_training(row, name, language)
    only(row, FIELDS, name)
    given = {"language": language, **row}
    values: dict[str, Any] = {key: text_of(given, key, name) for key in TEXTS if key in given}
    if not values.get("id"):
        raise StageError(f"{name} has no id", "a task has at least id, language, statement and tests")
    if not values.get("language"):
        raise StageError(f"{name}: the task {values['id']} has no language", "add it, or give the stage's `language`")
    values["expected"] = _expected(given, name)
    values |= {key: files_of(given, key, name) for key in ("files", "repo")}
    values["meta"] = meta_of(given.get("meta", {}), name)
    if fault := values.get("entry") and fault_of_path(values["entry"]):
        raise StageError(f"{name}: entry {values['entry']!r}: {fault}", "expected a relative path")
    return Task(**values)


def _of_training(row: Mapping[str, Any], name: str, language: str) -> Task:
    task = task_of({"id": name, **row["task"]}, name, language)
    messages = row.get("prompt", row.get("messages"))
    if task.statement or not isinstance(messages, list) or not all(isinstance(each, Mapping) for each in messages):
        return task
    if len(messages) == 1 and isinstance(messages[0].get("content"), str):
        return attrs.evolve(task, statement=messages[0]["content"])
    return attrs.evolve(task, meta={**task.meta, "messages": messages})


def only(row: Mapping[str, Any], keys: Iterable[str], name: str) -> None:
    """Raise StageError for the first key that is not one of `keys`."""
    known = tuple(keys)
    for key in row:
        if key not in known:
            hint = nearest(str(key), known) or f"expected {', '.join(known)}"
            raise StageError(f'{name} has an unknown key "{key}"', hint)


def text_of(row: Mapping[str, Any], key: str, name: str) -> str:
    """A text, not binary and not huge."""
    value = row[key]
    if not isinstance(value, str):
        raise StageError(f"{name}: {key} is {kind(value)}", "expected a text")
    if fault := fault_of_text(value):
        raise StageError(f"{name}: {key} is no source text: {fault}", "expected a text")
    return value


def files_of(row: Mapping[str, Any], key: str, name: str) -> dict[str, str]:
    """Texts by relative path; empty when there is no such key."""
    files = row.get(key, {})
    if not isinstance(files, Mapping):
        raise StageError(f"{name}: {key} is {kind(files)}", "expected a table of texts by relative path")
    for path in files:
        if fault := fault_of_path(path):
            raise StageError(f"{name}: {key} has the path {path!r}: {fault}", "expected relative paths")
        text_of(files, path, f"{name}: {key}")
    return dict(files)


def meta_of(meta: Any, name: str) -> dict[str, Any]:
    """The table for the language, its limits checked."""
    if not isinstance(meta, Mapping):
        raise StageError(f"{name}: meta is {kind(meta)}", "expected a table")
    for key, least, most in (("timeout", 0.01, 86_400), ("memory_mb", 1, 1_000_000)):
        value = meta.get(key, least)
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not least <= value <= most:
            raise StageError(f"{name}: meta.{key} is {value!r}", f"expected a number from {least} to {most}")
    return dict(meta)


def _expected(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    names = row.get("expected", ())
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) and each for each in names):
        raise StageError(f"{name}: expected is {kind(names)}", "expected a list of the names of tests")
    if len(set(names)) < len(names):
        raise StageError(f"{name}: expected names a test twice", "name each test once")
    return tuple(names)


def kind(value: Any) -> str:
    """How a message calls what stands in place of something else."""
    words = {dict: "a table", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return words.get(type(value), f"{value!r}"[:40])
