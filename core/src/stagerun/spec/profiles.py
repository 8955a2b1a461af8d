"""Choose the profiles of a pipeline and lay them, and then every `--set`, over it.

A profile whose `when` matches the machine is taken by itself, before the ones a person names; one that is named stands only
where it was named. Which profile or `--set` changed what is kept for the plan and the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from stagerun.errors import Problem, nearest
from stagerun.spec import sets
from stagerun.spec.keys import PIPELINE, TABLE, WHEN, WORD, Table
from stagerun.spec.overlay import overlay
from stagerun.spec.places import Layer
from stagerun.spec.shape import Applied
from stagerun.spec.words import one_of

OVERLAID = PIPELINE - {"profiles"}  # what a profile or --set may lay over a pipeline


@frozen
class Stack:
    """A pipeline and what was laid over it so far."""

    name: str
    tree: Mapping[str, Any]
    layers: tuple[Layer, ...]
    applied: tuple[Applied, ...] = ()
    problems: list[Problem] = field(factory=list)

    def lay(self, layer: Layer, name: str, why: str) -> Stack:
        """The stack with one more layer."""
        tree, changes = overlay(self.tree, layer.tree)
        applied = (*self.applied, Applied(name, why, changes))
        return Stack(self.name, tree, (*self.layers, layer), applied, self.problems)


def stacked(
    base: Stack, profiles: Table, named: Sequence[str], texts: Sequence[str], facts: Mapping[str, str]
) -> Stack:
    """`base` with the profiles and the `--set` texts laid over it; what cannot be laid is among its problems."""
    known = {name: _overlay_of(table) for name, table in profiles.children()}
    chosen = [
        (name, why) for name, table in profiles.children() if name not in named and (why := _matches(table, facts))
    ]
    stack = base
    for name, why in [*chosen, *((name, "--profile") for name in named)]:
        if name in known:
            prefix = (base.name, "profiles", name)
            stack = stack.lay(Layer(base.layers[0].origin, prefix, known[name]), name, why)
        else:
            what, hint = (
                f'the pipeline has no profile "{name}"',
                nearest(name, known) if known else "it has no profiles",
            )
            stack.problems.append(Problem(what, "--profile", expected=one_of(known), hint=hint))
    for text in texts:
        stack = _set(stack, text)
    return stack


def _overlay_of(profile: Table) -> dict[str, Any]:
    """What a profile lays over the pipeline: everything but its own `about` and `when`; reports its unknown keys."""
    profile.only(OVERLAID | {"when"})
    return {key: value for key, value in profile.raw.items() if key in OVERLAID and key != "about"}


def _matches(profile: Table, facts: Mapping[str, str]) -> str:
    """Why the profile is taken by itself on this machine, or the empty string."""
    if "when" not in profile.raw:
        return ""
    when = profile.below("when")
    when.only(WHEN)
    wanted = {key: when.get(key, WORD) for key in when.raw if key in WHEN}
    if not when.raw and profile.get("when", TABLE) is not None:
        when.report(when.path, "an empty `when` would always match", expected=one_of(WHEN))
    if not wanted or len(wanted) < len(when.raw) or not all(_holds(facts, *pair) for pair in wanted.items()):
        return ""
    return "when " + ", ".join(f"{key} = {value}" for key, value in wanted.items())


def _holds(facts: Mapping[str, str], key: str, wanted: str | None) -> bool:
    actual = facts.get(key)
    if wanted is None or actual is None:
        return False
    return wanted.casefold() in actual.casefold() if key == "device" else wanted == actual


def _set(stack: Stack, text: str) -> Stack:
    parsed = sets.parse(text)
    if isinstance(parsed, Problem):
        stack.problems.append(parsed)
        return stack
    path, tree = parsed
    problem = sets.nowhere(path, stack.tree, OVERLAID, stack.name)
    if problem is not None:
        stack.problems.append(problem)
        return stack
    return stack.lay(Layer(sets.ORIGIN, None, tree), text, sets.ORIGIN)
