"""Which crates can be had ready, and what a task's Cargo.toml asks for of crates that do not lie in the task.

The shipped `crates/Cargo.toml` is the list. Reads texts alone: where the crates lie, and how they come there, is `vendor.py`'s.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun_evaluators.rust.requirement import fits, numbers

SHIPPED = Path(__file__).with_name("crates")
SIMPLE = frozenset({"version", "package", "features", "default-features"})  # more than that is left to cargo


@frozen
class Dependency:
    """A line of a task's Cargo.toml. `name` is what its code calls the crate, `simple` whether plain rustc could be given it."""

    name: str
    package: str
    requirement: str
    features: tuple[str, ...] = ()
    simple: bool = True

    @classmethod
    def of(cls, key: str, said: Any) -> Dependency:
        """What stands behind a key, a version or a table."""
        table = said if isinstance(said, Mapping) else {"version": said}
        features = tuple(sorted(str(each) for each in table.get("features", ())))
        simple = set(table) <= SIMPLE and table.get("default-features", True) is True and "version" in table
        version = str(table.get("version", "*"))
        return cls(key.replace("-", "_"), str(table.get("package", key)), version, features, simple)

    def __str__(self) -> str:
        features = f" with {', '.join(self.features)}" if self.features else ""
        return f"{self.package} {self.requirement}{features}"


@frozen
class Prebuilt:
    """A crate of ours. `key` names it in our Cargo.toml, as there may be several versions of one package."""

    key: str
    package: str
    version: str
    features: tuple[str, ...] = ()
    macros: bool = False

    @property
    def file(self) -> str:
        """Its library in the folder of the seed."""
        return f"lib{self.key.replace('-', '_')}.{'so' if self.macros else 'rlib'}"


@frozen
class Extern:
    """A crate of ours as a task's code calls it."""

    name: str
    crate: Prebuilt


@cache
def prebuilt() -> tuple[Prebuilt, ...]:
    """All of them, newer versions first."""
    parsed = tomllib.loads((SHIPPED / "Cargo.toml").read_text(encoding="utf-8"))
    macros = parsed["package"]["metadata"]["macros"]
    found = [_prebuilt(key, said, key in macros) for key, said in parsed["dependencies"].items()]
    return tuple(sorted(found, key=lambda each: (each.package, numbers(each.version)), reverse=True))


def _prebuilt(key: str, said: Mapping[str, Any], macros: bool) -> Prebuilt:
    features = tuple(sorted(said.get("features", ())))
    return Prebuilt(key, said.get("package", key), said["version"].removeprefix("="), features, macros)


def fitting(wanted: Dependency) -> Extern | None:
    """The newest crate of ours that a task can be given for this line; None when cargo alone can say what is meant, or nobody."""
    for each in prebuilt():
        good = each.package == wanted.package and fits(wanted.requirement, each.version)
        if good and wanted.simple and each.features == wanted.features:
            return Extern(wanted.name, each)
    return None


def others(tables: Iterable[Any]) -> Iterator[Dependency]:
    """The lines that name crates from elsewhere, of tables of dependencies."""
    for table in tables:
        for key, said in table.items() if isinstance(table, Mapping) else ():
            if not (isinstance(said, Mapping) and ("path" in said or said.get("workspace"))):
                yield Dependency.of(key, said)


def seed_of(externs: Iterable[Extern]) -> str:
    """The name of the seed in which these crates, and no others, are compiled."""
    keys = "-".join(keys_of(externs))
    short = keys if len(keys) <= 60 else hashlib.sha256(keys.encode()).hexdigest()[:16]
    return f"crates-{short}"


def keys_of(externs: Iterable[Extern]) -> list[str]:
    """Their names in our Cargo.toml, sorted."""
    return sorted({each.crate.key for each in externs})
