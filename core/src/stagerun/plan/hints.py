"""What the type hint of an option means for a value read from TOML, and how a message calls it.

Covered: the scalars of TOML, Any, Literal, Enum, Optional and unions, lists, tuples, sets, tables, attrs classes, paths.
A hint that TOML cannot carry is a fault of the class, not of the user: `UnreadableHint` says which.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, Literal, Union

import attrs

from stagerun.spec.words import literal

SCALARS = {
    str: ("a string", "strings"),
    bool: ("true or false", "booleans"),
    int: ("an integer", "integers"),
    float: ("a number", "numbers"),
}
_LISTS: dict[Any, Callable[[list[Any]], Any]] = {
    list: list,
    collections.abc.Sequence: tuple,
    collections.abc.Iterable: tuple,
    collections.abc.Collection: tuple,
    tuple: tuple,
    set: set,
    collections.abc.Set: frozenset,
    frozenset: frozenset,
}
_TABLES = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


class UnreadableHint(Exception):
    """The class asks for something that no TOML value can be."""


@cache
def schema(cls: Any) -> Mapping[str, tuple[Any, Any]]:
    """The options of an attrs class by their TOML key (the field's alias), each with the type its value must have."""
    try:
        hints = typing.get_type_hints(cls)
    except NameError as error:
        raise UnreadableHint(f"a type in its annotations is not known: {error}") from None
    fields = [option for option in attrs.fields(cls) if option.init]
    return {str(option.alias): (option, _taken(option, hints.get(option.name, Any))) for option in fields}


def _taken(option: Any, hint: Any) -> Any:
    """What the field takes: where a function converts, what that function takes."""
    if option.converter is None or isinstance(option.converter, type):
        return hint
    try:
        hints = typing.get_type_hints(option.converter)
    except (NameError, TypeError):
        return Any
    hints.pop("return", None)
    return next(iter(hints.values()), Any)


def choices(hint: Any) -> tuple[tuple[Any, Any], ...] | None:
    """What may stand in TOML, each with what it stands for, when the hint is a Literal or an Enum."""
    if typing.get_origin(hint) is Literal:
        return tuple((choice, choice) for choice in typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple((member.value, member) for member in hint)
    return None


def arms(hint: Any) -> tuple[Any, ...] | None:
    """The types a union is made of; None itself is left out because TOML has no such value."""
    if typing.get_origin(hint) not in (Union, types.UnionType):
        return None
    return tuple(arm for arm in typing.get_args(hint) if arm is not types.NoneType)


def items(hint: Any) -> tuple[Callable[[list[Any]], Any], tuple[Any, ...]] | None:
    """For a list: what builds it, and the types of its items; one type stands for any number of items."""
    make = _LISTS.get(typing.get_origin(hint) or hint)
    if make is None:
        return None
    inner = typing.get_args(hint) or (Any,)
    return make, inner[:1] if inner[-1] is Ellipsis or make is not tuple else inner


def is_fixed(hint: Any) -> bool:
    """Whether the hint is a tuple of a certain length."""
    return typing.get_origin(hint) is tuple and Ellipsis not in typing.get_args(hint)


def table(hint: Any) -> tuple[Any, Any] | None:
    """For a table with free keys: the types of its keys and of its values."""
    if (typing.get_origin(hint) or hint) not in _TABLES:
        return None
    key, value = typing.get_args(hint) or (str, Any)
    return key, value


def words(hint: Any) -> str:
    """How a message calls what the hint asks for: 'a list of strings', 'one of "ipo", "sigmoid"'."""
    if allowed := choices(hint):
        names = ", ".join(literal(choice) for choice, _ in allowed)
        return f"one of {names}" if len(allowed) > 1 else names
    if union := arms(hint):
        return " or ".join(dict.fromkeys(words(arm) for arm in union))
    if listed := items(hint):
        return _list_words(hint, listed[1])
    if hint in SCALARS:
        return SCALARS[hint][0]
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return "a path"
    return "a value" if hint is Any else "a table"


def _list_words(hint: Any, inner: tuple[Any, ...]) -> str:
    if is_fixed(hint):
        return f"a list of {len(inner)}: {', '.join(words(item) for item in inner)}"
    if inner[0] is Any:
        return "a list"
    return f"a list of {SCALARS[inner[0]][1]}" if inner[0] in SCALARS else f"a list, each {words(inner[0])}"
