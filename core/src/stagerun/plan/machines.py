"""Recorded descriptions of machines: what each backend would find there, so that a pipeline can be planned for it anywhere.

A description is a JSON file, named by its path or found by name through the entry-point group `stagerun.machines`. It says where
its numbers come from. Whether they are true is not checked here, only that they can be read.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from stagerun.contracts import Probe
from stagerun.errors import BadPipeline, Problem, nearest
from stagerun.registry import NotFound, Registry
from stagerun.spec.words import dotted, found, one_of

OPTION = "--machine"
ABOUT = ("about", "source", "date")
FACTS_OF_A_KIND: Mapping[str, tuple[type, ...]] = {  # of the names in `Hardware`; others may be anything plain
    "devices": (int,),
    "generation": (str,),
    "compute_capability": (str,),
    "driver": (str,),
    "cuda": (str,),
    "bf16": (bool,),
    "fp8": (bool,),
    "cores": (int,),
    "threads": (int,),
    "chip": (str,),
    "system": (str,),
    "unified_memory": (int, float),
}
WORDS = {int: "a whole number above 0", str: "a text", bool: "true or false", float: "a number above 0"}


@frozen
class Machine:
    """A machine that is not this one. `name` is how it was asked for, `source` where its numbers come from."""

    name: str
    about: str
    source: str
    date: str
    backends: Mapping[str, Probe] = field(factory=dict)


def machine(registry: Registry, asked: str) -> Machine:
    """The description called `asked`: a path, or a name that a plugin carries. Raises BadPipeline in one line."""
    if asked.endswith(".json") or os.sep in asked:
        return read(Path(asked), asked)
    try:
        value = registry.find("machines", asked).value
    except NotFound as error:
        hint = error.hint or "or give the path of a description, PATH.json"
        raise BadPipeline([Problem(error.what, where=OPTION, hint=hint)]) from error
    return read(Path(value() if callable(value) else value), asked)


def read(path: Path, name: str) -> Machine:
    """Read a description; raises BadPipeline with the first thing that is wrong with it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})") from error
    except json.JSONDecodeError as error:
        raise BadPipeline([Problem(f"not JSON: {error.msg}", str(path), error.lineno)]) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise _wrong(path, "not JSON") from error
    table = Described(path, (), value)
    table.only({*ABOUT, "backends"})
    about = {key: table.get(key, str, "a text") for key in ABOUT}
    listed = table.below("backends")
    if not listed.value:
        raise table.wrong("backends", "no backends", "what each would find there")
    return Machine(name=name, **about, backends={key: _probe(listed.below(key)) for key in listed.value})


@frozen
class Described:
    """A table of a description, with the place where it stands."""

    path: Path
    place: tuple[str, ...]
    value: Any

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, dict):
            raise _wrong(self.path, "wrong type", dotted(self.place), found(self.value), "a table")

    def only(self, keys: set[str]) -> None:
        """Refuse other keys."""
        for key in self.value.keys() - keys:
            raise self.wrong(key, f'unknown key "{key}"', one_of(keys), nearest(key, keys))

    def get(self, key: str, kind: type | tuple[type, ...], words: str, default: Any = None) -> Any:
        """A value of a kind; refused when it is of another, or missing without a default."""
        value = self.value.get(key, default)
        if value is None:
            raise self.wrong(key, "missing", words)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool and kind != (bool,)):
            raise self.wrong(key, f"wrong type; found {found(value)}", words)
        return value

    def below(self, key: str) -> Described:
        """The table behind a key."""
        return Described(self.path, (*self.place, key), self.value.get(key, {}))

    def wrong(self, key: str, what: str, expected: str = "", hint: str = "") -> BadPipeline:
        """The error about one key."""
        return _wrong(self.path, what, dotted((*self.place, key)), "", expected, hint)


def _wrong(path: Path, what: str, where: str = "", *rest: str) -> BadPipeline:
    return BadPipeline([Problem(what, str(path), None, where, *rest)])


def _probe(table: Described) -> Probe:
    table.only({"available", "device", "reason", "memory_gb", "facts"})
    available = table.get("available", bool, "true or false", True)
    memory = table.get("memory_gb", (int, float), "a number of GiB, 0 or more", 0.0)
    if not 0 <= memory < math.inf:
        raise table.wrong("memory_gb", f"wrong value; found {memory}", "a number of GiB, 0 or more")
    return Probe(
        available=available,
        device=table.get("device", str, "a text", None if available else ""),
        reason=table.get("reason", str, "a text", ""),
        memory_gb=float(memory),
        facts=_facts(table.below("facts")),
    )


def _facts(table: Described) -> Mapping[str, Any]:
    for key in table.value:
        kind = FACTS_OF_A_KIND.get(key, (str, bool, int, float))
        words = WORDS[kind[-1]] if key in FACTS_OF_A_KIND else "a text, a number, true or false"
        value = table.get(key, kind, words)
        if key in FACTS_OF_A_KIND and isinstance(value, int | float) and kind != (bool,) and not 0 < value < math.inf:
            raise table.wrong(key, f"wrong value; found {value}", words)
    return dict(table.value)
