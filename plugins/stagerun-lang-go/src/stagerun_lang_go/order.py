"""The order in which packages are compiled: what is imported first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Cycle(Exception):
    """Packages import each other; `args[0]` is the round trip."""


def order(wanted: Iterable[str], imports: Mapping[str, frozenset[str]]) -> list[str]:
    """The wanted packages and what they import of the known ones; raises Cycle."""
    done: list[str] = []
    for package in wanted:
        _visit(package, imports, [], done)
    return done


def _visit(package: str, imports: Mapping[str, frozenset[str]], above: list[str], done: list[str]) -> None:
    if package in above:
        raise Cycle(" imports ".join([*above[above.index(package) :], package]))
    if package in done or package not in imports:
        return
    for each in sorted(imports[package]):
        _visit(each, imports, [*above, package], done)
    done.append(package)
