"""What a task's tests pass values through: finds results that equal anything, and tools of the tests that were replaced.

Loaded sealed, see `seal`. `TELL` takes a reason for distrust, `SURFACE` is what tests stand on, `SPACES` the tests' namespaces,
`SWITCH` is 1 for the inverted copy of a test. The names below are given when it is loaded.
"""

from __future__ import annotations

import operator
import os
import random
import sys
from _thread import get_ident
from collections.abc import Callable
from types import FunctionType
from typing import Any
from unittest import TestCase

from _pytest.approx import Approx

TELL: Callable[[str], None]
SURFACE: list[tuple[str, dict[str, object], tuple[str, ...], tuple[object, ...]]]
SPACES: list[dict[str, object]]
BUDGET: list[int]
SWITCH: list[int]
SEEN: list[object]
TESTS: set[int]  # the tests' code objects
NAMED: set[int]  # those of their modules' own functions
MAIN: tuple[int, int]  # the process and the thread that tests run in

PLAIN = frozenset({int, float, complex, str, bytes, bool, type(None), range})
CONTAINERS = (list, tuple, set, frozenset, dict)
RANDOM = os.urandom
SAME = operator.is_
MESSAGE = "a result that equals anything"
DEEPEST = 20
STEPS = (1, 11, 13, 17, 19, 23, 29, 31)  # two numbers that are so far apart are seldom the same to anybody
GROWN, LONG = 1 << 24, 1000
EQUALITIES = {"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual",
              "assertSequenceEqual", "assertMultiLineEqual"}  # fmt: skip
FRAME, PROCESS, THREAD = sys._getframe, os.getpid, get_ident
DICE = random.SystemRandom()
BELOW = type.__getattribute__(object, "__lt__")


def guard(value: Any, other: Any = None) -> Any:
    """The value itself, once it was looked at; raises AssertionError for one that claims to equal anything.

    `other` is the literal that it is compared with, if it is one.
    """
    firm()
    if type(value) in PLAIN:
        SEEN[0] = value
    elif lies(value, 0) or (other is not None and flexible(value, other)):
        caught()
    return value


def caught() -> None:
    """Tell of a lie."""
    TELL(MESSAGE)
    raise AssertionError(MESSAGE)


def same(left: Any, right: Any, free: int) -> Any:
    """`left == right`; `free` says which of them (1, 2) the tests mean to equal many things."""
    return compared(left, right, free, False)


def differ(left: Any, right: Any, free: int) -> Any:
    """`left != right`."""
    return compared(left, right, free, True)


def compared(left: Any, right: Any, free: int, turned: bool) -> Any:
    """Compare. A value with an equality of its own is compared with others near by at the same place, in any order."""
    firm()
    if type(left) in PLAIN and type(right) in PLAIN:
        SEEN[0] = left
        return left != right if turned else left == right
    if (not free & 1 and lies(left, 0)) or (not free & 2 and lies(right, 0)):
        caught()
    if not free & 1 and strange(left, 0):
        return among(left, right, turned, False)
    if not free & 2 and strange(right, 0):
        return among(right, left, turned, True)
    return left != right if turned else left == right


def among(value: Any, other: Any, turned: bool, swapped: bool) -> Any:
    """The outcome of the one real comparison among many; who equals several of the others equals anything."""
    row = near(other)
    real = DICE.randrange(len(row) + 1)
    row.insert(real, other)
    outcomes = [outcome(each, value, turned) if swapped else outcome(value, each, turned) for each in row]
    claimed = 0
    for at in range(len(row)):
        claimed += at != real and yes(outcomes[at], turned)
    if claimed > 1:
        caught()
    kind, result = outcomes[real]
    if kind == "raised":
        raise result
    return result


def outcome(left: Any, right: Any, turned: bool) -> tuple[str, Any]:
    """What a comparison gave or raised."""
    try:
        return ("gave", left != right if turned else left == right)
    except Exception as error:
        return ("raised", error)


def yes(found: tuple[str, Any], turned: bool) -> bool:
    """Whether an outcome says that two values are equal."""
    try:
        return found[0] == "gave" and bool(found[1]) is not turned
    except Exception:
        return False


def strange(value: Any, depth: int) -> bool:
    """Whether an equality that is not the language's own takes part in comparing it."""
    kind = type(value)
    if kind in PLAIN or depth > DEEPEST:
        return False
    if kind is dict:
        return any(strange(each, depth + 1) for each in (*value, *value.values()))
    if kind in CONTAINERS:
        return any(strange(each, depth + 1) for each in value)
    return compares(kind) and not homely(kind)


def near(other: Any) -> list[Any]:
    """Values like it that do not equal it; none for what is not made of plain ones."""
    kind = type(other)
    if kind in (int, float, complex):
        return [other + DICE.choice((1, -1)) * step for step in STEPS] if abs(other) < 1e15 else []
    if kind is str:
        return [other + "qj", "zx" + other, other + other + "?", f"{other[:1]}#9{other[1:]}", other + "7", "4" + other]
    if kind is bytes:
        return [other + b"qj", b"zx" + other, other + other + b"?"]
    return near_container(kind, other)


def near_container(kind: Any, other: Any) -> list[Any]:
    """The same for containers that are not long, and for what pytest makes of a number to be close to."""
    if kind in CONTAINERS and len(other) > LONG:
        return []
    if kind in (list, tuple):
        return [*inner(kind, list(other)), other + kind(["qj"]), kind(["zx"]) + other]
    if kind is dict:
        return [*keyed(other), {**other, "qj": 1}, {**other, "zx": None}]
    if kind in (set, frozenset):
        return [kind({*other, "qj"}), kind({*other, -GROWN})]
    if issubclass(kind, Approx) and type(other.expected) in (int, float):
        return [kind(each, rel=other.rel, abs=other.abs, nan_ok=other.nan_ok) for each in near(other.expected)]
    return []


def inner(kind: Any, items: list[Any]) -> list[Any]:
    """The same with one item that is another."""
    places = [at for at in range(len(items)) if type(items[at]) in (int, float, str, bytes, list, tuple)]
    if not places:
        return []
    at = DICE.choice(places)
    return [kind([*items[:at], each, *items[at + 1 :]]) for each in near(items[at])]


def keyed(other: dict[Any, Any]) -> list[dict[Any, Any]]:
    """The same with one value that is another."""
    places = [key for key, value in other.items() if type(value) in (int, float, str, bytes, list, tuple)]
    if not places:
        return []
    key = DICE.choice(places)
    return [{**other, key: each} for each in near(other[key])]


def pair(first: Any, second: Any, how: str) -> tuple[Any, Any]:
    """What an assertion of unittest's compares; of two values that are not equal it says so itself."""
    for value, other in ((first, second), (second, first)):
        if type(value) not in PLAIN and flexible(value, other):
            caught()
    if how in EQUALITIES and (strange(first, 0) or strange(second, 0)) and not compared(first, second, 0, False):
        raise AssertionError(f"{first!r} != {second!r}")
    return (first, second)


def less(value: Any, other: Any = None) -> Any:
    """One side of a subtraction; the difference between it and anything must not be nothing."""
    if type(value) in PLAIN or type(value) in CONTAINERS:
        return value
    if vanishes(value, int.from_bytes(RANDOM(7), "big")) or (type(other) in (int, float) and vanishes(value, other)):
        caught()
    return value


def vanishes(value: Any, number: float) -> bool:
    """Whether it is as far from one number as from another, which is not near to that."""
    try:
        low, high = twin(value) - (number - 5000), twin(value) - (number + 5000)
        return type(low) in (int, float) and type(high) in (int, float) and abs(low - high) < 1
    except Exception:
        return False


def twin(value: Any) -> Any:
    """A copy that its own code had no part in: there are honest subtractions that change the object itself."""
    kind = type(value)
    if issubclass(kind, (int, float)):
        return value
    made = object.__new__(kind)
    state = getattr(value, "__dict__", None)
    if type(state) is dict:
        object.__getattribute__(made, "__dict__").update(state)
    return made


def holder(value: Any) -> Any:
    """What something is looked for in; it must not hold what nobody can know."""
    guard(value)
    kind = type(value)
    if kind in PLAIN or kind in CONTAINERS or not hasattr(kind, "__contains__"):
        return value
    held = type.__getattribute__(kind, "__contains__")
    if any(held is getattr(base, "__contains__", None) for base in (*CONTAINERS, str, bytes, range)):
        return value
    number = int.from_bytes(RANDOM(7), "big")
    if all(holds(value, each) for each in (object(), hex(number), number, (number,))):
        caught()
    return value


def holds(value: Any, item: object) -> bool:
    """Whether it says that it holds the item."""
    try:
        return item in value
    except Exception:
        return False


def firm() -> None:
    """Tell of every tool of the tests that is not what it was; after many looks only now and then, at random."""
    alone(FRAME(1))
    BUDGET[0] -= 1
    if BUDGET[0] < 0 and RANDOM(1)[0] > 3:
        return
    for name, space, keys, values in SURFACE:
        if not all(map(SAME, map(space.get, keys), values)):
            replaced(name, space, keys, values)


def alone(frame: Any) -> None:
    """Tell of tests that the candidate runs itself, to learn what they ask for: a test within itself, in a thread, in a child."""
    while frame is not None and id(frame.f_code) not in TESTS:
        frame = frame.f_back
    if frame is None:
        return
    code, between = frame.f_code, False
    if id(code) not in NAMED or (code.co_varnames[:1] == ("self",) and not code.co_name.startswith("test")):
        return  # a callback, which may well be called within itself
    outer = frame.f_back
    while outer is not None:
        between = between or id(outer.f_code) not in TESTS
        if between and outer.f_code is code:
            again()
        outer = outer.f_back
    if (PROCESS(), THREAD()) != MAIN and code.co_name.startswith(("test", "check")):
        again()


def again() -> None:
    """Tell of it; the process is not to go on, as a child's word reaches nobody."""
    TELL("ran the tests itself")
    if PROCESS() != MAIN[0]:
        os._exit(3)
    raise AssertionError("the tests were run by what they test")


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
    return kind not in CONTAINERS and owned(kind) and not homely(kind) and claims_any(value)


def owned(kind: type) -> bool:
    """Whether the type compares or orders in a way of its own."""
    return compares(kind) or type.__getattribute__(kind, "__lt__") is not BELOW


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
    if any(claims(value, each) and claims(value, each + 1) for each in (number, -(number % GROWN) - 0.5)):
        return True
    return disordered(value, number)


def disordered(value: Any, number: float) -> bool:
    """Whether it is said to lie both far below and far above a number."""
    try:
        return bool(value < number - GROWN) and bool(value > number + GROWN)
    except Exception:
        return False


def flexible(value: Any, other: Any) -> bool:
    """Whether it equals both neighbours of what it is compared with, too."""
    if type(value) in PLAIN or type(value) in CONTAINERS or not owned(type(value)) or homely(type(value)):
        return False
    if type(other) in (int, float) and (vanishes(value, other) or disordered(value, other)):
        return True
    if not compares(type(value)):
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
