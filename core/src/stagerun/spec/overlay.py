"""Lay one table over another: tables merge, everything else replaces. What changed is told, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stagerun.spec.words import dotted

Change = tuple[str, Any, Any]  # dotted place, old value (None: there was none), new value


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """`base` with `over` laid on it, and what that changed. Neither argument is touched."""
    changes: list[Change] = []
    return _merge(base, over, (), changes), tuple(changes)


def _merge(
    base: Mapping[str, Any], over: Mapping[str, Any], path: tuple[str, ...], changes: list[Change]
) -> dict[str, Any]:
    merged = dict(base)
    for key, new in over.items():
        place = (*path, key)
        old = base.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            merged[key] = _merge(old, new, place, changes)
            continue
        merged[key] = new
        if key not in base:
            changes += [(dotted(leaf), None, value) for leaf, value in _leaves(place, new)]
        elif not _same(old, new):
            changes.append((dotted(place), old, new))
    return merged


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves((*path, key), inner)


def _same(old: Any, new: Any) -> bool:
    """Equal and of one type all the way down: 1, 1.0 and true are three values."""
    if type(old) is not type(new):
        return False
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, Mapping):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    return bool(old == new)
