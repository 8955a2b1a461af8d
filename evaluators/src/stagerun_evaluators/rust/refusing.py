"""Why a task's crates cannot be had, in words for its author; and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from stagerun_evaluators.rust import vendor
from stagerun_evaluators.rust.prebuilt import Dependency, prebuilt
from stagerun_evaluators.rust.requirement import fits

OTHER = "give Rust a `vendor` folder made by `cargo vendor`"


def absent(wanted: Sequence[Dependency], sources: str) -> tuple[str, str]:
    """The first crate that is not in a folder of sources, and what to do; two empty texts when all are there."""
    for each in wanted:
        if why := _absent(each, sources):
            return why
    return "", ""


def _absent(wanted: Dependency, sources: str) -> tuple[str, str] | None:
    """Ours are known by name, so that nobody is sent to fetch what does not come."""
    ours = [each.version for each in prebuilt() if each.package == wanted.package]
    if not sources:
        if any(fits(wanted.requirement, version) for version in ours):
            return f"{wanted}, which is not installed", vendor.INSTALL
        return _named(wanted, ours)
    there = [version for name, version, _ in vendor.contents(sources) if name == wanted.package]
    if any(fits(wanted.requirement, version) for version in there):
        return None
    return _named(wanted, there)


def _named(wanted: Dependency, there: Sequence[str]) -> tuple[str, str]:
    if there:
        return f"{wanted}, which is here as {', '.join(sorted(there))}", f"ask for a version that is here, or {OTHER}"
    names = ", ".join(sorted({each.package for each in prebuilt()}))
    return f"{wanted}, which is not here", f"do without it, or {OTHER}; the crates to be had are {names}"
