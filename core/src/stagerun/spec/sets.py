"""Read `--set PLACE=VALUE` and judge whether the place exists in the pipeline it is for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from stagerun.errors import Problem, nearest
from stagerun.spec.words import dotted, one_of

ORIGIN = "--set"
NAMED = {"stages": "stage", "params": "parameter", "environments": "environment"}  # --set adds none of these


def parse(text: str) -> tuple[tuple[str, ...], dict[str, Any]] | Problem:
    """The place and the overlay that `--set text` means. The value is read as TOML, else it is taken as a string."""
    left, equals, right = text.partition("=")
    path = _path(left)
    if not equals or path is None:
        what = "not a place and a value" if not equals else "not a place in a pipeline"
        return Problem(what, ORIGIN, found=f'"{text}"', expected="PLACE=VALUE, such as stages.NAME.with.OPTION=3")
    tree: Any = _value(right.strip())
    for part in reversed(path):
        tree = {part: tree}
    return path, tree


def _path(left: str) -> tuple[str, ...] | None:
    try:
        table: Any = tomllib.loads(f"{left.strip()} = 0")
    except ValueError:
        return None
    path: tuple[str, ...] = ()
    while isinstance(table, dict):
        if len(table) != 1:
            return None
        ((key, table),) = table.items()
        path = (*path, key)
    return path


def _value(right: str) -> Any:
    try:
        read = tomllib.loads(f"value = {right}")
    except ValueError:
        return right
    value = read["value"]
    return value if len(read) == 1 and isinstance(value, str | bool | int | float | list | dict) else right


def nowhere(path: tuple[str, ...], tree: Mapping[str, Any], keys: frozenset[str], pipeline: str) -> Problem | None:
    """Why the place does not exist in the pipeline `tree`, or None. What is below `with` is the stage's to judge."""
    if path[0] not in keys:
        hint = f"leave out the pipeline's name {pipeline}" if path[0] == pipeline else nearest(path[0], keys)
        return _problem(path[:1], "no such place in a pipeline", one_of(keys), hint)
    names = tree.get(path[0])
    if path[0] in NAMED and len(path) > 1 and (not isinstance(names, Mapping) or path[1] not in names):
        known = list(names) if isinstance(names, Mapping) else []
        what = f'the pipeline has no {NAMED[path[0]]} "{path[1]}"'
        hint = nearest(path[1], known) or "--set changes what the file has; add it there"
        return _problem(path[:2], what, one_of(known), hint)
    value: Any = tree
    for depth, part in enumerate(path):
        if isinstance(value, list):
            return _problem(path, f"{dotted(path[:depth])} is a list", f"{dotted(path[:depth])}=[...], the whole list")
        value = value.get(part) if isinstance(value, Mapping) else None
    return None


def _problem(path: tuple[str, ...], what: str, expected: str, hint: str = "") -> Problem:
    return Problem(what, ORIGIN, None, dotted(path), expected=expected, hint=hint)
