"""Choose the profiles of a pipeline and lay them, and then every `--set`, over it.

A profile whose `when` (see when.py) matches the machine is taken by itself, before the ones a person names; one that is named
stands only where it was named. Which profile or `--set` changed what is kept for the plan and the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from stagerun.errors import Problem, nearest
from stagerun.spec import sets
from stagerun.spec.keys import PIPELINE, Table
from stagerun.spec.overlay import overlay
from stagerun.spec.params import interpolate
from stagerun.spec.places import Layer, Places
from stagerun.spec.shape import Applied
from stagerun.spec.when import Here, matches
from stagerun.spec.words import one_of

OVERLAID = PIPELINE - {"profiles"}  # what a profile or --set may lay over a pipeline
AUTO = "auto"


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


def stacked(base: Stack, profiles: Table, named: Sequence[str], texts: Sequence[str], here: Here) -> Stack:
    """`base` with the profiles and the `--set` texts laid over it; what cannot be laid is among its problems."""
    known = {name: _overlay_of(table) for name, table in profiles.children()}
    backend = (
        _backend(base, known, named, texts) if any("when" in table.raw for _, table in profiles.children()) else ""
    )
    taken = {name: matches(table, here, backend) for name, table in profiles.children()}
    stack = base
    for name, why in taken.items():
        if why and name not in named:
            stack = _profile(stack, known, name, why)
    return _said(stack, known, named, texts)


def _said(stack: Stack, known: Mapping[str, dict[str, Any]], named: Sequence[str], texts: Sequence[str]) -> Stack:
    """What a person named on top: profiles, then `--set` texts."""
    for name in named:
        stack = _profile(stack, known, name, "--profile")
    for text in texts:
        stack = _set(stack, text)
    return stack


def _profile(stack: Stack, known: Mapping[str, dict[str, Any]], name: str, why: str) -> Stack:
    if name in known:
        file = stack.layers[0]
        return stack.lay(Layer(file.origin, (stack.name, "profiles", name), known[name]), name, why)
    what, hint = f'the pipeline has no profile "{name}"', nearest(name, known) if known else "it has no profiles"
    stack.problems.append(Problem(what, "--profile", expected=one_of(known), hint=hint))
    return stack


def _backend(base: Stack, known: Mapping[str, dict[str, Any]], named: Sequence[str], texts: Sequence[str]) -> str:
    """The backend that conditions are judged by: what the pipeline, a named profile or a `--set` says, whichever comes last.

    A profile that is taken by itself has no say: what it is taken for would then depend on itself.
    """
    said = _said(Stack(base.name, base.tree, base.layers), known, named, texts).tree  # its problems are told elsewhere
    tree, _ = interpolate({key: said[key] for key in ("params", "backend") if key in said}, Places("", base.layers))
    backend = tree.get("backend", AUTO)
    return backend if isinstance(backend, str) else AUTO


def _overlay_of(profile: Table) -> dict[str, Any]:
    """What a profile lays over the pipeline: everything but its own `about` and `when`; reports its unknown keys."""
    profile.only(OVERLAID | {"when"})
    return {key: value for key, value in profile.raw.items() if key in OVERLAID and key != "about"}


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
