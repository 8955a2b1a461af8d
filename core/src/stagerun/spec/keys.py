"""The words a pipeline file may use, and the kinds of value that stand behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from stagerun.errors import nearest
from stagerun.spec.params import Report, Unresolved
from stagerun.spec.words import found, one_of

PIPELINE = frozenset(
    {"about", "params", "stages", "profiles", "backend", "seed", "retries", "keep_checkpoints", "run_dir", "resources"}
    | {"environments", "judge", "price_per_hour"}
)
STAGE = frozenset(
    {"uses", "needs", "with", "gates", "after", "optional", "about", "backend", "environment", "resources", "retries"}
)
GATE = frozenset({"uses", "name", "hard"})  # beside the gate's own options
ENVIRONMENT = frozenset({"python", "requirements"})
JUDGE = frozenset({"uses", "workers", "sandbox", "min_tier", "allow_unsandboxed", "cache"})
WHEN = frozenset({"backend", "device", "memory_gb", "generation", "compute_capability", "devices", "chip"})

NAME = re.compile(
    r"[A-Za-z0-9_-]{1,100}"
)  # no dot: all that a run directory keeps beside its stages has one in its name


@frozen
class Kind:
    """A kind of value: its Python types, how a message calls it, and what it must fulfil beyond its type."""

    types: tuple[type, ...]
    words: str
    fits: Callable[[Any], bool] = lambda _: True

    def takes(self, value: Any) -> bool:
        """Whether the value has the type; a boolean is no number."""
        return isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))


def _texts(value: list[Any]) -> bool:
    return all(isinstance(item, str) and item for item in value)


TEXT = Kind((str,), "a string")
WORD = Kind((str,), "a string that is not empty", bool)
FLAG = Kind((bool,), "true or false")
TABLE = Kind((Mapping,), "a table")
TABLES = Kind(
    (list,),
    'a list of tables, such as [{ uses = "metric", metric = "loss", max = 2.0 }]',
    lambda value: all(isinstance(item, Mapping) for item in value),
)
TEXTS = Kind((list,), "a list of strings", _texts)
COUNT = Kind((int,), "a whole number, 0 or more", lambda value: 0 <= value < 2**63)
PRICE = Kind((int, float), "a number above 0", lambda value: 0 < value < math.inf)
TIERS = ("none", "limits", "landlock", "namespaces")  # weakest first
TIER = Kind((str,), f"one of {', '.join(TIERS)}", lambda value: value in TIERS)
POSITIVE = Kind((int,), "a whole number, 1 or more", lambda value: 1 <= value < 2**63)


@frozen
class Table:
    """A table of the file being read: gives checked values and reports the others."""

    raw: Mapping[str, Any]
    path: tuple[str, ...]
    report: Report

    def get(self, key: str, kind: Kind, default: Any = None) -> Any:
        """The value of `key` when it is there and right, else `default`."""
        value = self.raw.get(key, default)
        if key not in self.raw or isinstance(value, Unresolved):
            return value if kind.takes(value) else default
        if kind.takes(value) and kind.fits(value):
            return value
        what = "wrong value" if kind.takes(value) else "wrong type"
        self.report((*self.path, key), what, found=found(value), expected=kind.words)
        return default

    def below(self, key: str) -> Table:
        """The table behind `key`; empty when there is none."""
        return Table(self.get(key, TABLE, {}), (*self.path, key), self.report)

    def children(self) -> list[tuple[str, Table]]:
        """The named tables in this one; whatever else stands there is reported."""
        named = [(name, self.get(name, TABLE)) for name in self.raw]
        return [(name, Table(raw, (*self.path, name), self.report)) for name, raw in named if raw is not None]

    def lacks(self, key: str, keys: frozenset[str]) -> bool:
        """Whether `key` is missing, and not just misspelt, which `only` tells."""
        return key not in self.raw and not nearest(key, self.raw.keys() - keys)

    def only(self, keys: frozenset[str], hint: str = "") -> None:
        """Report every key that is not one of `keys`."""
        for key in self.raw:
            if key not in keys:
                near = nearest(key, keys) or hint
                self.report((*self.path, key), f'unknown key "{key}"', expected=one_of(keys), hint=near)
