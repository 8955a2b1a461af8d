"""What is installed, as rows. Listing loads nothing: what a plugin is for is read from its source text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from stagerun.cli.about import first_line
from stagerun.record.words import clean
from stagerun.registry import GROUPS, Entry
from stagerun.registry.index import HOOKS
from stagerun.registry.registry import load


@frozen
class Listed:
    """One claim of a name. `clash` names the other distributions that claim it; `error` is set by --check."""

    kind: str
    name: str
    dist: str
    version: str
    entry: str
    about: str = ""
    clash: tuple[str, ...] = ()
    error: str | None = None


def listed(entries: Sequence[Entry], *, check: bool) -> list[Listed]:
    """Every claim in order of kind and name."""
    claims: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        claims.setdefault((entry.kind, entry.name), []).append(f"{entry.dist} {entry.version}")
    order = [*GROUPS, HOOKS]
    return [
        Listed(
            kind=entry.kind,
            name=entry.name,
            dist=entry.dist,
            version=entry.version,
            entry=entry.value,
            about=first_line(entry.value),
            clash=tuple(who for who in claims[entry.kind, entry.name] if who != f"{entry.dist} {entry.version}")
            if entry.kind != HOOKS
            else (),
            error=_error(entry) if check else None,
        )
        for entry in sorted(entries, key=lambda entry: (order.index(entry.kind), entry.name, entry.dist))
    ]


def _error(entry: Entry) -> str | None:
    try:
        load(entry.value)
    except Exception as error:  # whatever a stranger's module raises at import
        return f"{type(error).__name__}: {error}"
    return None


def lines(rows: Sequence[Listed]) -> Iterator[str]:
    """A block for each kind."""
    width = max((len(row.name) for row in rows), default=0)
    kind = ""
    for row in rows:
        if row.kind != kind:
            kind = row.kind
            yield f"{kind}:"
        yield f"  {row.name:<{width}}  {_facts(row)}"
    if not rows:
        yield "nothing is installed"


def _facts(row: Listed) -> str:
    """What is wrong comes before what it is for: it must not be cut off."""
    clash = f", CLAIMED ALSO BY {' and '.join(row.clash)}: uninstall one" if row.clash else ""
    error = f", CANNOT BE LOADED: {clean(row.error)}" if row.error else ""
    about = f": {clean(row.about)}" if row.about else ""
    return f"{row.dist} {row.version}{clash}{error}{about}"
