"""Why a task's crates cannot be had, in words for its author; and what to do.

Looks at what a task asks for by itself, with its features and what those turn on in the crate that is asked for; what is turned
on further down is cargo's to find.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stagerun_evaluators.fetching import INSTALL
from stagerun_evaluators.rust import vendor
from stagerun_evaluators.rust.prebuilt import Dependency, fitting, prebuilt
from stagerun_evaluators.rust.requirement import fits, numbers

OTHER = "give Rust a `vendor` folder made by `cargo vendor`"
TABLES = ("dependencies", "build-dependencies")


def absent(wanted: Sequence[Dependency], sources: str) -> tuple[str, str]:
    """The first crate that is not in a folder of sources, and what to do; two empty texts when all are there."""
    for each in wanted:
        if why := _absent(each, sources) if sources else _uninstalled(each):
            return why
    return "", ""


def _uninstalled(wanted: Dependency) -> tuple[str, str]:
    """Ours are known by name, so that nobody is sent to fetch what does not come."""
    ours = [each.version for each in prebuilt() if each.package == wanted.package]
    if any(fits(wanted.requirement, version) for version in ours):
        return f"{wanted}, which is not installed", INSTALL
    return _named(wanted, ours)


def _absent(wanted: Dependency, sources: str) -> tuple[str, str] | None:
    there = {version: folder for name, version, folder in vendor.contents(sources) if name == wanted.package}
    good = [version for version in there if fits(wanted.requirement, version)]
    if not good:
        return _named(wanted, list(there))
    if fitting(wanted):
        return None
    said = _read(str(Path(sources, there[max(good, key=numbers)])))
    names = {name for name, *_ in vendor.contents(sources)}
    lacks = next((lack for feature in wanted.features for lack in _lacks(feature, said, names)), "")
    return (f"{wanted}, {lacks}", f"ask for other features, or {OTHER}") if lacks else None


def _named(wanted: Dependency, there: Sequence[str]) -> tuple[str, str]:
    if there:
        return f"{wanted}, which is here as {', '.join(sorted(there))}", f"ask for a version that is here, or {OTHER}"
    names = ", ".join(sorted({each.package for each in prebuilt()}))
    return f"{wanted}, which is not here", f"do without it, or {OTHER}; the crates to be had are {names}"


@cache
def _read(folder: str) -> Mapping[str, Any]:
    """The Cargo.toml of a crate."""
    return tomllib.loads(Path(folder, "Cargo.toml").read_text(encoding="utf-8"))


def _lacks(feature: str, said: Mapping[str, Any], there: set[str]) -> Iterator[str]:
    """What stands in the way of a feature: it is none of the crate's, or turns on a crate that did not come along."""
    optional = _optional(said)
    table, left, seen = said.get("features", {}), [feature], set()
    if feature not in table and feature not in optional:
        yield f"which has no feature {feature}"
    while left:
        each = left.pop()
        if each in table and each not in seen:
            seen.add(each)
            left += table[each]
        elif (package := optional.get(each.removeprefix("dep:").partition("/")[0])) and package not in there:
            yield f"which then needs {package}, and that is not here"


def _optional(said: Mapping[str, Any]) -> dict[str, str]:
    """Crates that come with features alone: the key, and the package's own name."""
    targets = said.get("target", {}).values()
    tables = [table.get(key, {}) for table in (said, *targets) for key in TABLES]
    lines = [(key, line) for table in tables for key, line in table.items() if isinstance(line, Mapping)]
    return {key: str(line.get("package", key)) for key, line in lines if line.get("optional")}
