"""Which isolation a judge uses: the strongest that keeps what it promises, found by trying.

Every tier promises to stop some escapes. One that does not keep its promise here is not taken, nor one that the system refuses;
the next weaker is, and that is said. A judge that must have more than there is does not start.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from stagerun.contracts import Isolation
from stagerun.errors import StageError, nearest
from stagerun.registry import read_index
from stagerun_evaluators.sandbox.doors import ESCAPES
from stagerun_evaluators.sandbox.probing import probe

GROUP = "sandboxes"
ORDER = ("namespaces", "landlock", "limits")  # strongest first
_HOME = "stagerun_evaluators.sandbox"
OURS = {
    "namespaces": f"{_HOME}.namespaces:Namespaces",
    "landlock": f"{_HOME}.landlock:Landlock",
    "limits": f"{_HOME}.base:Limits",
    "none": f"{_HOME}.base:Nothing",
}
_LINUX = sys.platform == "linux"
_LIMITS = ("secrets in the environment", *(("daemons", "many processes", "many threads") if _LINUX else ()))
PROMISES: Mapping[str, frozenset[str]] = {
    "namespaces": frozenset(ESCAPES),
    # Without root, commands are the user, and a compiler must be able to make its output executable.
    "landlock": frozenset(ESCAPES) - {"changing modes and times outside"},
    "limits": frozenset(_LIMITS),
    "none": frozenset(),
}


def choose(name: str = "auto", min_tier: str = "limits", allow_unsandboxed: bool = False) -> Isolation:
    """The isolation to judge in: the strongest there is, or the one called `name`.

    Raises StageError when it is weaker than `min_tier`, is not there, or is `none` without `allow_unsandboxed`.
    """
    known = OURS | {entry.name: entry.value for entry in read_index() if entry.kind == GROUP}
    _known(name, {"auto", *known}, "sandbox")
    _known(min_tier, OURS, "min_tier")
    if name == "none":
        return _none(min_tier, allow_unsandboxed)
    reasons: list[str] = []
    for tier in ORDER if name == "auto" else (name,):
        tried = probe(known[tier])
        broken = PROMISES.get(tier, frozenset()) - set(tried.stops)
        if tried.reason or broken:
            reasons.append(f"{tier}: {tried.reason or 'does not stop ' + ', '.join(sorted(broken))}")
            continue
        found = Isolation(tier, known[tier], tried.stops, tried.open, tuple(reasons))
        return _strong_enough(found, min_tier)
    raise StageError(
        f"no isolation for model-written code: {'; '.join(reasons)}",
        'use a machine that has one, or say sandbox = "none" and allow_unsandboxed = true for code you trust',
    )


def strength(isolation: Isolation) -> str:
    """The strongest tier all of whose promises were kept: how one from elsewhere compares."""
    if isolation.tier in OURS:
        return isolation.tier
    kept = set(isolation.stops)
    return next((tier for tier in ORDER if kept >= PROMISES[tier]), "none")


def _strong_enough(found: Isolation, min_tier: str) -> Isolation:
    ranks = [*ORDER, "none"]
    if ranks.index(strength(found)) <= ranks.index(min_tier):
        return found
    why = f" ({'; '.join(found.reasons)})" if found.reasons else ""
    raise StageError(
        f"isolation tier {found.tier} found, {min_tier} wanted{why}",
        f'judge on a machine that has {min_tier}, or say min_tier = "{strength(found)}"',
    )


def _none(min_tier: str, allowed: bool) -> Isolation:
    if not allowed:
        raise StageError(
            'sandbox "none" runs model-written code with all rights of yours',
            "say allow_unsandboxed = true if that is meant",
        )
    return _strong_enough(Isolation("none", OURS["none"], (), ESCAPES), min_tier)


def _known(name: str, names: set[str] | Mapping[str, object], key: str) -> None:
    if name not in names:
        raise StageError(
            f"{key}: there is no isolation {name!r}", nearest(name, names) or f"known: {', '.join(sorted(names))}"
        )


__all__ = ["Isolation", "choose", "strength"]
