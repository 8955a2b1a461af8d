"""What a task's tests pass values through: finds results that equal anything, and tools of the tests that were replaced.

Loaded sealed, see `seal`. `TELL` takes a reason for distrust, `SURFACE` is what tests stand on, `SPACES` the tests' namespaces,
`SWITCH` is 1 for the inverted copy of a test. The names below are given when it is loaded.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from types import FunctionType
from typing import Any
from unittest import TestCase

TELL: Callable[[str], None]
SURFACE: list[tuple[str, dict[str, object], tuple[str, ...], tuple[object, ...]]]
SPACES: list[dict[str, object]]
BUDGET: list[int]
SWITCH: list[int]
SEEN: list[object]

PLAIN = frozenset({int, float, complex, str, bytes, bool, type(None), range})
CONTAINERS = (list, tuple, set, frozenset, dict)
RANDOM = os.urandom
SAME = operator.is_
MESSAGE = "a result that equals anything"
DEEPEST = 20


def guard(value: Any, other: Any = None) -> Any:
    """The value itself, once it was looked at; raises AssertionError for one that claims to equal anything.

    `other` is the literal that it is compared with, if it is one.
    """
    firm()
    if type(value) in PLAIN:
        SEEN[0] = value
    elif lies(value, 0) or (other is not None and flexible(value, other)):
        TELL(MESSAGE)
        raise AssertionError(MESSAGE)
    return value


def firm() -> None:
    """Tell of every tool of the tests that is not what it was; after many looks only now and then, at random."""
    BUDGET[0] -= 1
    if BUDGET[0] < 0 and RANDOM(1)[0] > 3:
        return
    for name, space, keys, values in SURFACE:
        if not all(map(SAME, map(space.get, keys), values)):
            replaced(name, space, keys, values)


def replaced(name: str, space: dict[str, object], keys: tuple[str, ...], values: tuple[object, ...]) -> None:
    """Name what was replaced."""
    for key, value in zip(keys, values, strict=True):
        if space.get(key) is not value:
            TELL(f"replaced {name}.{key}")


def bare(case: Any) -> Any:
    """A test case, once it is sure that nobody gave this one instance assertions of its own."""
    firm()
    if issubclass(type(case), TestCase):
        for key in object.__getattribute__(case, "__dict__"):
            if key.startswith(("assert", "fail")) and key not in ("failureException",):
                TELL(f"replaced {key} of a test case")
    return case


def lies(value: Any, depth: int) -> bool:
    """Whether the value, or one inside it, equals what it cannot equal. Looks at real types, which cannot be forged."""
    kind = type(value)
    if kind in PLAIN or depth > DEEPEST:
        return False
    for base in CONTAINERS:
        if issubclass(kind, base) and inside_lies(base, value, depth):
            return True
    return kind not in CONTAINERS and compares(kind) and not homely(kind) and claims_any(value)


def compares(kind: type) -> bool:
    """Whether the type has an equality of its own; asked of `type` itself, as a metaclass could lie."""
    return (
        type.__getattribute__(kind, "__eq__") is not object.__eq__
        or type.__getattribute__(kind, "__ne__") is not object.__ne__
    )


def inside_lies(base: Any, value: Any, depth: int) -> bool:
    """Whether a container holds a liar."""
    if base is dict:
        return any(lies(each, depth + 1) for each in list(dict.values(value)) if type(each) not in PLAIN) or any(
            lies(each, depth + 1) for each in list(dict.keys(value)) if type(each) not in PLAIN
        )
    return any(lies(each, depth + 1) for each in list(base.__iter__(value)) if type(each) not in PLAIN)


def homely(kind: type) -> bool:
    """Whether its equality was written in the tests themselves."""
    equal = type.__getattribute__(kind, "__eq__")
    return type(equal) is FunctionType and any(equal.__globals__ is space for space in SPACES)


def claims_any(value: Any) -> bool:
    """Whether it equals something nobody can know. Of numbers two neighbours: there are honest ones that go round."""
    number = int.from_bytes(RANDOM(7), "big")
    if any(claims(value, each) for each in (object(), hex(number), [number], (number,), {number: number}, {number})):
        return True
    return any(claims(value, each) and claims(value, each + 1) for each in (number, -number - 0.5))


def flexible(value: Any, other: Any) -> bool:
    """Whether it equals both neighbours of what it is compared with, too."""
    if type(value) in CONTAINERS or not compares(type(value)) or homely(type(value)):
        return False
    if type(other) in (int, float):
        near = (other + 1, other - 1)
    elif type(other) in (str, list, tuple):
        near = (other + other + type(other)("?"), type(other)("!") + other)
    else:
        return False
    return all(claims(value, each) for each in near)


def claims(value: Any, sentinel: object) -> bool:
    """Whether it says that it equals the sentinel."""
    try:
        return bool(value == sentinel) or bool(value != sentinel) is False
    except Exception:
        return False


def turn(value: Any) -> Any:
    """What an assertion asserts; the first one that is reached in the inverted copy of a test is turned round."""
    firm()
    if SWITCH[0] != 1:
        return value
    held = bool(value)
    SWITCH[0] = 2 if held else 3
    return not held


def told(text: str) -> str:
    """The message of an assertion that has none of its own."""
    return f"{text}, found {SEEN[0]!r}" if SEEN[0] is not None else text
