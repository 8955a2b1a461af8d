"""A profile's `when`: the conditions it may state, whether a machine meets them, and those that no machine can meet.

What a machine is like is told by a `Here`, which the plan hands in; nothing is looked at before a condition asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from attrs import frozen

from stagerun.errors import nearest
from stagerun.spec.keys import POSITIVE, TABLE, WHEN, WORD, Kind, Table
from stagerun.spec.words import literal, one_of

Told = Mapping[str, Collection[str]]  # a fact that a backend may give -> its possible values, none where any will do


class Here(Protocol):
    """The machine that is planned for."""

    def backends(self) -> Collection[str]:
        """Names of the installed backends."""
        ...

    def has(self, backend: str) -> bool:
        """Whether some backend answers to that name, on whatever hardware."""
        ...

    def facts(self, backend: str) -> Mapping[str, Any]:
        """What the backend of that name, or `auto`, found: `backend`, `device`, `memory_gb` and its facts; empty without it."""
        ...

    def tells(self, backend: str) -> Told | None:
        """Which facts that backend may give, where it says so."""
        ...


@frozen
class Nowhere:
    """No machine at all: no condition holds, and nothing is known against one."""

    def backends(self) -> Collection[str]:
        """None."""
        return ()

    def has(self, backend: str) -> bool:  # noqa: ARG002 - no machine to ask
        """It may."""
        return True

    def facts(self, backend: str) -> Mapping[str, Any]:  # noqa: ARG002 - no machine to ask
        """None."""
        return {}

    def tells(self, backend: str) -> Told | None:  # noqa: ARG002 - no machine to ask
        """Unknown."""
        return None


def _is_version(value: Any) -> bool:
    return _version(value) is not None


def _version(value: Any) -> tuple[int, ...] | None:
    """9.0, "9.0" and 9 are the same version."""
    parts = str(value).split(".")
    if len(parts) > 2 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    return int(parts[0]), int(parts[1]) if len(parts) == 2 else 0


def _equal(wanted: str, actual: Any) -> bool:
    return wanted.casefold() == str(actual).casefold()


def _inside(wanted: str, actual: Any) -> bool:
    return wanted.casefold() in str(actual).casefold()


def _at_least(wanted: float, actual: Any) -> bool:
    return isinstance(actual, int | float) and actual >= wanted


def _version_at_least(wanted: Any, actual: Any) -> bool:
    least, found = _version(wanted), _version(actual)
    return least is not None and found is not None and found >= least


@frozen
class Condition:
    """One key of `when`: what stands behind it and when it holds. `least`: it is a lower bound, and shown with what was found."""

    kind: Kind
    holds: Callable[[Any, Any], bool]
    least: bool = False


GIBS = Kind((int, float), "a number of GiB above 0", lambda value: 0 < value < math.inf)
VERSION = Kind((str, int, float), 'a compute capability such as "9.0"', _is_version)
CONDITIONS: Mapping[str, Condition] = {
    "backend": Condition(WORD, lambda wanted, actual: bool(wanted == actual)),
    "device": Condition(WORD, _inside),
    "chip": Condition(WORD, _inside),
    "generation": Condition(WORD, _equal),
    "memory_gb": Condition(GIBS, _at_least, least=True),
    "compute_capability": Condition(VERSION, _version_at_least, least=True),
    "devices": Condition(POSITIVE, _at_least, least=True),
}


def matches(profile: Table, here: Here, backend: str) -> str:
    """Why a profile is taken by itself where `backend` is used, or the empty string; reports what can never hold."""
    if "when" not in profile.raw:
        return ""
    when = profile.below("when")
    when.only(WHEN)
    wanted = {key: when.get(key, CONDITIONS[key].kind) for key in when.raw if key in WHEN}
    if not when.raw and profile.get("when", TABLE) is not None:
        when.report(when.path, "an empty `when` would always match", expected=one_of(WHEN))
    right = {key: value for key, value in wanted.items() if value is not None}
    possible = _is_possible(profile, when, right, here)
    if not right or len(right) < len(when.raw) or not possible:
        return ""
    return _why(right, here.facts(backend))


def _why(wanted: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """'when backend = cuda, memory_gb 79.1 >= 70', or the empty string where something does not hold."""
    if not all(key in facts and CONDITIONS[key].holds(value, facts[key]) for key, value in wanted.items()):
        return ""
    said = (
        f"{key} {facts[key]} >= {value}" if CONDITIONS[key].least else f"{key} = {value}"
        for key, value in wanted.items()
    )
    return f"when {', '.join(said)}"


def _is_possible(profile: Table, when: Table, wanted: Mapping[str, Any], here: Here) -> bool:
    """Whether some machine could meet the conditions; reports why none can."""
    named, installed = wanted.get("backend"), here.backends()
    if named is not None and not here.has(named):
        hint = nearest(named, installed) or "install the plugin that brings it"
        when.report((*when.path, "backend"), f'unknown backend "{named}"', expected=one_of(installed), hint=hint)
        return False
    own = profile.raw.get("backend", named)
    if named is not None and own not in {named, "auto"} and "${" not in str(own):
        what = f'taken on backend "{named}", and then sets backend = {literal(own)}'
        when.report((*when.path, "backend"), what, hint="leave out one of the two")
        return False
    some = [named] if named is not None else installed
    could = [_could_hold(when, key, value, some, here) for key, value in wanted.items()]
    return all(could)  # not before each was looked at, so that every mistake is told


def _could_hold(when: Table, key: str, wanted: Any, backends: Iterable[str], here: Here) -> bool:
    """Whether one of these backends can give a fact the wanted value; those that say nothing of themselves can."""
    if key in {"backend", "device", "memory_gb"}:  # every backend has these
        return True
    told = [here.tells(name) for name in backends]
    known = [one for one in told if one is not None]
    if not known or len(known) < len(told):
        return True
    having = [one[key] for one in known if key in one]
    if not having:
        who = one_of(backends)
        when.report((*when.path, key), f"no machine with backend {who} has a {key}", hint="leave it out")
        return False
    values = list(dict.fromkeys(value for one in having for value in one))  # two backends may know the same chips
    if not all(having) or str(wanted).casefold() in {value.casefold() for value in values}:
        return True
    what = f'never "{wanted}"' if isinstance(wanted, str) else f"never {wanted}"
    when.report((*when.path, key), f"{key} is {what}", expected=one_of(values), hint=nearest(str(wanted), values))
    return False
