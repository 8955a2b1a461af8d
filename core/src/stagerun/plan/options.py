"""Turn the raw `with` table of a stage, or the options of a gate, into an instance of its attrs class, and back to JSON.

The class is the schema: its fields, their types and validators say what is right. Nothing is converted that a person would
not expect: "3" is no number, true is no number, 3 is a float where a float is asked for. Every mistake in the table is
found, not just the first. Why this is not cattrs: docs/adr/0002-own-structurer.md.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import attrs
from attrs import define, field

from stagerun.errors import Problem, nearest
from stagerun.plan import hints
from stagerun.plan.hints import UnreadableHint, words
from stagerun.spec import PipelineSpec
from stagerun.spec.keys import STAGE
from stagerun.spec.params import Unresolved
from stagerun.spec.words import found, literal, one_of

Place = tuple[str, ...]

_WRONG: Any = object()  # stands for a value whose problem was noted


def structure(
    cls: type[Any], raw: Mapping[str, Any], path: Place, spec: PipelineSpec, *, beside: Iterable[str] = ()
) -> tuple[Any | None, list[Problem]]:
    """An instance of the attrs class `cls` from `raw`, which stands at `path` of the pipeline, and every problem in it.

    The instance is None when there are problems, and also when only a parameter is missing, which was reported before.
    `beside` are keys that may stand in the same table but are not options, for the nearest right name.
    """
    reader = _Reader(spec.problem, frozenset(beside))
    try:
        value = reader.record(cls, raw, path)
    except UnreadableHint as error:
        return None, [spec.problem(path, f"the options of {cls.__qualname__} cannot be read: {error}")]
    return (None if value is _WRONG else value), reader.problems


@define
class _Reader:
    """Reads values by type hint; notes a problem and gives `_WRONG` where one does not fit."""

    problem: Callable[..., Problem]
    beside: frozenset[str]
    problems: list[Problem] = field(factory=list)

    def wrong(self, path: Place, what: str, **more: str) -> Any:
        self.problems.append(self.problem(path, what, **more))
        return _WRONG

    def record(self, cls: Any, raw: Mapping[str, Any], path: Place) -> Any:
        """An attrs instance; unknown, missing and wrong options are all noted before it is made."""
        schema = hints.schema(cls)
        noted = len(self.problems)
        self._check_keys(schema, raw, path)
        read = {key: self.read(hint, raw[key], (*path, key)) for key, (_, hint) in schema.items() if key in raw}
        values = {key: value for key, value in read.items() if value is not _WRONG}
        self._validate(schema, values, path)
        if len(self.problems) > noted or len(values) < len(read):
            return _WRONG
        try:
            return cls(**values)
        except (ValueError, TypeError) as error:
            return self.wrong(path, _text(error))

    def _check_keys(self, schema: Mapping[str, tuple[Any, Any]], raw: Mapping[str, Any], path: Place) -> None:
        for key in raw:
            if key not in schema:
                above = f'"{key}" belongs beside "with", not in it' if key in STAGE and path[-1:] == ("with",) else ""
                hint = above or nearest(key, self.beside | schema.keys())
                self.wrong((*path, key), f'unknown option "{key}"', expected=one_of(schema) or "no options", hint=hint)
        for key, (option, hint) in schema.items():
            if key not in raw and option.default is attrs.NOTHING:
                self.wrong(path, f'the option "{key}" is missing', expected=words(hint))

    def _validate(self, schema: Mapping[str, tuple[Any, Any]], values: Mapping[str, Any], path: Place) -> None:
        """Ask every validator now: the class itself would stop at the first that complains."""
        peek = types.SimpleNamespace(**{schema[key][0].name: value for key, value in values.items()})
        for key, value in values.items():
            option = schema[key][0]
            try:
                if option.validator is not None and option.converter is None:
                    option.validator(peek, option, value)
            except (ValueError, TypeError) as error:
                text = _text(error)
                self.wrong((*path, key), text, found="" if literal(value) in text else found(value))
            except AttributeError:  # it looks at more of the instance than was given; the class itself will ask it
                continue

    def read(self, hint: Any, value: Any, path: Place) -> Any:
        """`value` as the type `hint`."""
        if isinstance(value, Unresolved):
            return _WRONG
        forms: tuple[tuple[Any, Any], ...] = (
            (hints.choices, self._choice),
            (hints.arms, self._union),
            (hints.items, self._list),
            (hints.table, self._table),
        )
        for form, method in forms:
            if (parts := form(hint)) is not None:
                return method(hint, parts, value, path)
        if isinstance(hint, type) and attrs.has(hint):
            return self.record(hint, value, path) if isinstance(value, Mapping) else self._mismatch(hint, value, path)
        return self._scalar(hint, value, path)

    def _mismatch(self, hint: Any, value: Any, path: Place) -> Any:
        return self.wrong(path, "wrong type", found=found(value), expected=words(hint))

    def _choice(self, hint: Any, allowed: tuple[tuple[Any, Any], ...], value: Any, path: Place) -> Any:
        for choice, meaning in allowed:
            if type(choice) is type(value) and choice == value:
                return meaning
        texts = [choice for choice, _ in allowed if isinstance(choice, str)]
        near = nearest(value, texts) if isinstance(value, str) else ""
        return self.wrong(path, "wrong value", found=found(value), expected=words(hint), hint=near)

    def _union(self, hint: Any, union: tuple[Any, ...], value: Any, path: Place) -> Any:
        """The first arm that fits; when none does, the problems of the one arm that has the value's outer form.

        None is not TOML's, but options come back from JSON in the worker.
        """
        if value is None and types.NoneType in typing.get_args(hint):
            return None
        nearly: list[list[Problem]] = []
        for arm in union:
            reader = _Reader(self.problem, self.beside)
            read = reader.read(arm, value, path)
            if read is not _WRONG:
                return read
            if (isinstance(value, Mapping | list) and words(arm) != words(hint) and _opens(arm, value)) or len(
                union
            ) == 1:
                nearly.append(reader.problems)
        if not nearly:
            return self._mismatch(hint, value, path)
        fewest = min(nearly, key=len)
        self.problems += fewest
        return _WRONG

    def _list(self, hint: Any, parts: tuple[Any, tuple[Any, ...]], value: Any, path: Place) -> Any:
        make, inner = parts
        if not isinstance(value, list) or (hints.is_fixed(hint) and len(value) != len(inner)):
            return self._mismatch(hint, value, path)
        each = inner if hints.is_fixed(hint) else inner * len(value)
        pairs = enumerate(zip(each, value, strict=True))
        read = [self.read(kind, item, (*path, str(index))) for index, (kind, item) in pairs]
        return _WRONG if any(item is _WRONG for item in read) else make(read)

    def _table(self, hint: Any, parts: tuple[Any, Any], value: Any, path: Place) -> Any:
        keys, inner = parts
        if not isinstance(value, Mapping):
            return self._mismatch(hint, value, path)
        names = [self.read(keys, key, (*path, key)) for key in value]
        read = [self.read(inner, item, (*path, key)) for key, item in value.items()]
        return _WRONG if any(item is _WRONG for item in [*names, *read]) else dict(zip(names, read, strict=True))

    def _scalar(self, hint: Any, value: Any, path: Place) -> Any:
        if hint is Any or hint is object:
            return value
        if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value, path)
        if hint is int and type(value) is int:
            return (
                value
                if abs(value) < 2**63
                else self.wrong(path, "the integer is too large", expected="at most 64 bits")
            )
        if hint in (str, bool):
            return value if isinstance(value, hint) else self._mismatch(hint, value, path)
        if isinstance(hint, type) and issubclass(hint, PurePath):
            return hint(value) if isinstance(value, str) else self._mismatch(hint, value, path)
        if hint in hints.SCALARS:
            return self._mismatch(hint, value, path)
        raise UnreadableHint(f"no TOML value can be {hint}, the type of {path[-1]}")

    def _number(self, value: float, path: Place) -> Any:
        """A finite float: NaN compares with nothing and infinity has no JSON."""
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
        return self.wrong(path, "not a finite number", found=found(value), expected="a number")


def _opens(arm: Any, value: Any) -> bool:
    """Whether the value has the outer form of the arm, so that the mistake lies further in."""
    if isinstance(value, list):
        return hints.items(arm) is not None
    return isinstance(value, Mapping) and (hints.table(arm) is not None or attrs.has(arm))


def _text(error: Exception) -> str:
    """A validator's message; attrs puts more than the message into the exception."""
    return str(error.args[0]) if error.args else type(error).__name__


def canonical(instance: Any) -> dict[str, Any]:
    """The options that decide the result, defaults filled in, as JSON values; they go into the fingerprint.

    A whole number is one text whether it was written 1 or 1.0, and whether the class's default is an int or a float.
    """
    kept = _dump(instance, lambda option: option.metadata.get("affects_result", True) is not False)
    return {key: _one_number(value) for key, value in kept.items()}


def _one_number(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _one_number(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_one_number(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def shown(instance: Any) -> dict[str, Any]:
    """Every option, defaults filled in, as JSON values."""
    return _dump(instance, lambda _: True)


def is_default(cls: type[Any], place: str, value: Any) -> bool:
    """Whether the option at a dotted place (`lora.rank`) of the class has this very value, as JSON, by default."""
    found: Any = cls
    for name in place.split("."):
        options = (
            attrs.fields(found)
            if isinstance(found, type)
            else attrs.fields(type(found))
            if attrs.has(type(found))
            else ()
        )
        option = next((one for one in options if one.alias == name), None)
        if option is None:
            return False
        found = _default(option) if isinstance(found, type) else getattr(found, option.name)
        if found is attrs.NOTHING:
            return False
    return bool(_plain(found, lambda _: True) == value)


def _default(option: Any) -> Any:
    if isinstance(option.default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if option.default.takes_self else option.default.factory()
    return option.default


def _dump(instance: Any, keep: Callable[[Any], bool]) -> dict[str, Any]:
    options = [option for option in attrs.fields(type(instance)) if option.init and keep(option)]
    return {str(option.alias): _plain(getattr(instance, option.name), keep) for option in options}


def _plain(value: Any, keep: Callable[[Any], bool]) -> Any:
    if attrs.has(type(value)):
        return _dump(value, keep)
    if isinstance(value, Enum):
        return _plain(value.value, keep)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_plain(key, keep)): _plain(inner, keep) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner, keep) for inner in value), key=repr)
    return [_plain(inner, keep) for inner in value] if isinstance(value, list | tuple) else value
