"""Reads a task's Cargo.toml: what the crate is called, which edition, which features and lints, and whether plain rustc will do.

The candidate's own Cargo.toml is never read. What cargo alone can do (workspaces, build scripts, binaries, dependencies that are
not prebuilt) makes a crate `plain`: it is built by cargo itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterator, Mapping
from typing import Any

from attrs import frozen

from stagerun.contracts.task import Task
from stagerun.errors import StageError
from stagerun_evaluators.rust.prebuilt import Dependency, Extern, fitting, others, prebuilt
from stagerun_evaluators.rust.tokens import tokens

EDITIONS = ("2015", "2018", "2021", "2024")
DEPENDING = ("dependencies", "dev-dependencies", "build-dependencies")
CARGOS = ("build-dependencies", "workspace", "target", "patch", "replace", "profile", "bin", "test", "example")
NOT_CRATES = frozenset({"std", "core", "alloc", "super", "self", "crate", "common"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@frozen
class Manifest:
    """`name` is the crate's, `text` the whole Cargo.toml. `registry` are the lines for crates that do not lie in the task itself.
    `externs` are the prebuilt ones that the crate is given, `more` those that only tests are; `names` is what tests call them.
    """

    name: str
    text: str
    edition: str = "2021"
    root: str = "src/lib.rs"
    package: str = ""
    version: str = "0.1.0"
    features: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    plain: bool = False
    registry: tuple[Dependency, ...] = ()
    externs: tuple[Extern, ...] = ()
    more: tuple[Extern, ...] = ()
    names: tuple[str, ...] = ()


def manifest(task: Task, given: str, tests: Mapping[str, str]) -> Manifest:
    """Of a task; `given` is its Cargo.toml or nothing. Raises StageError for one that is not understood."""
    if not given:
        name = crate_of(tests)
        root = task.entry or "src/lib.rs"
        text = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
        return Manifest(
            name, text if root == "src/lib.rs" else f'{text}\n[lib]\npath = "{root}"\n', root=root, package=name
        )
    try:
        parsed = tomllib.loads(given)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StageError(f"task {task.id}: its Cargo.toml is not TOML: {error}", "mend the task") from None
    return _read(task, given, parsed)


def _read(task: Task, given: str, parsed: Mapping[str, Any]) -> Manifest:
    package, library = _table(parsed, "package"), _table(parsed, "lib")
    if not isinstance(package.get("name"), str) or not _NAME.fullmatch(package["name"]):
        raise StageError(f"task {task.id}: its Cargo.toml has no package name", "give it a [package] with a `name`")
    edition = package.get("edition", "2015")
    if edition not in EDITIONS:
        raise StageError(f"task {task.id}: edition {edition!r} is unknown", f"expected one of {', '.join(EDITIONS)}")
    name = str(library.get("name", package["name"])).replace("-", "_")
    if name in NOT_CRATES | {"test", "stagerun_rt"}:
        raise StageError(f"task {task.id}: a crate cannot be called {name}", "give it another name")
    mine, more = (_externs(_table(parsed, key)) for key in DEPENDING[:2])
    return Manifest(
        name=name,
        text=given,
        edition=edition,
        root=str(library.get("path", "src/lib.rs")),
        package=package["name"],
        version=str(package.get("version", "0.0.0")),
        features=tuple(_features(_table(parsed, "features"))),
        flags=tuple(_lint_flags(_table(parsed, "lints"))),
        plain=_is_cargo_s(parsed) or mine is None or more is None,
        registry=tuple(dict.fromkeys(_registry(parsed))),
        externs=tuple(mine or ()),
        more=tuple(more or ()),
        names=tuple(sorted(set(_names(parsed)))),
    )


def _is_cargo_s(parsed: Mapping[str, Any]) -> bool:
    """Whether more than dependencies is left to cargo."""
    made = "build" in _table(parsed, "package") or _table(parsed, "lib").get("proc-macro", False) is True
    return made or any(parsed.get(key) for key in CARGOS)


def _externs(table: Mapping[str, Any]) -> list[Extern] | None:
    """A prebuilt crate for every line; None when there is none for one of them."""
    wanted = list(others([table]))
    found = [each for each in map(fitting, wanted) if each]
    return found if len(found) == len(table) else None


def _table(parsed: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = parsed.get(key, {})
    return found if isinstance(found, Mapping) else {}


def _features(table: Mapping[str, Any]) -> Iterator[str]:
    """The features that are on by default, as cargo follows them."""
    left, seen = ["default"], set()
    while left:
        each = left.pop()
        if each in table and each not in seen:
            seen.add(each)
            yield each
            left += [str(more) for more in table[each]]


def _lint_flags(table: Mapping[str, Any]) -> Iterator[str]:
    """`[lints]` as flags, in cargo's order: by priority, groups with a lower one first."""
    rows = [
        (int(said.get("priority", 0)) if isinstance(said, Mapping) else 0, tool, lint, said)
        for tool in ("rust", "clippy")
        for lint, said in _table(table, tool).items()
    ]
    for _, tool, lint, said in sorted(rows, key=lambda row: (row[0], row[1], row[2])):
        level = said.get("level", "warn") if isinstance(said, Mapping) else said
        if level in {"allow", "warn", "deny", "forbid"}:
            yield f"--{level}={'clippy::' if tool == 'clippy' else ''}{lint.replace('-', '_')}"


def _names(parsed: Mapping[str, Any]) -> Iterator[str]:
    """What tests call the crates that they are given, of those whose libraries are known to be called as their packages are."""
    ours = {each.package for each in prebuilt()}
    for key in DEPENDING[:2]:
        for name, said in _table(parsed, key).items():
            given = not (isinstance(said, Mapping) and (said.get("optional") or "path" in said))
            if given and Dependency.of(name, said).package in ours:
                yield Dependency.of(name, said).name


def _registry(parsed: Mapping[str, Any]) -> Iterator[Dependency]:
    """What a Cargo.toml asks for that comes from elsewhere."""
    tables = [parsed, *(each for each in _table(parsed, "target").values() if isinstance(each, Mapping))]
    return others(_table(table, key) for table in tables for key in DEPENDING)


def crate_of(tests: Mapping[str, str], but: Container[str] = ()) -> str:
    """The crate that tests import, for a task without a Cargo.toml: `solution`, or else the first other name in a `use`."""
    names: list[str] = []
    for code in tests.values():
        found = tokens(code)
        for at, token in enumerate(found[:-2]):
            if token.kind == "word" and token.text == "use" and found[at + 2].text in {":", "as", ";"}:
                names.append(found[at + 1].name)
        local = {found[at + 1].name for at, token in enumerate(found[:-1]) if token.text in {"mod", "enum", "struct"}}
        names = [name for name in names if name not in local | NOT_CRATES and name not in but and name.isidentifier()]
    return "solution" if "solution" in names or not names else names[0]
