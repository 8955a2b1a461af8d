"""Put parameters where the pipeline says `${params.NAME}`.

A value that is one reference and nothing else keeps the parameter's type; inside a longer text the parameter becomes text.
`$${` stands for a literal `${`. Nothing but parameters can be referred to: not the environment, not other values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from attrs import frozen

from stagerun.errors import Problem, nearest
from stagerun.spec.words import kind, one_of

Place = tuple[str, ...]
Report = Callable[..., None]  # takes what Places.__call__ takes and keeps the Problem

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_PREFIX = "params."


class Unresolved(str):
    """A text whose parameter is missing: already reported, so that nobody complains about its type as well."""

    __slots__ = ()


def interpolate(tree: Mapping[str, Any], problem: Callable[..., Problem]) -> tuple[dict[str, Any], list[Problem]]:
    """The pipeline with every reference replaced, and what could not be."""
    problems: list[Problem] = []

    def report(*args: Any, **words: Any) -> None:
        problems.append(problem(*args, **words))

    params = tree.get("params")
    values = _settled(params if isinstance(params, Mapping) else {}, report)
    filler = _Filler(values, report)
    rest = {key: value if key == "params" else filler.fill(value, (key,)) for key, value in tree.items()}
    return ({**rest, "params": values} if isinstance(params, Mapping) else rest), problems


def _settled(params: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Parameters with their references to each other replaced; those in a loop are reported and stay unresolved."""
    graph = {name: [used for used in _used(value) if used in params] for name, value in params.items()}
    settled: dict[str, Any] = {}
    while True:
        try:
            order = list(TopologicalSorter(graph).static_order())
            break
        except CycleError as error:
            loop = list(error.args[1])[::-1]  # who refers to whom
            report(("params", loop[0]), "parameters refer to each other in a loop", found=" -> ".join(loop))
            settled |= {name: Unresolved(params[name]) for name in loop}
            graph = {name: uses for name, uses in graph.items() if name not in settled}
            graph = {name: [used for used in uses if used not in settled] for name, uses in graph.items()}
    filler = _Filler({**dict.fromkeys(params, None), **settled}, report)
    for name in order:
        filler.params[name] = filler.fill(params[name], ("params", name))
    return filler.params


def _used(value: Any) -> Iterable[str]:
    """Names of the parameters that a value refers to."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            if (match.group(1) or "").strip().startswith(_PREFIX):
                yield match.group(1).strip().removeprefix(_PREFIX)
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _used(inner)


@frozen
class _Filler:
    """Replaces references in values of any depth."""

    params: dict[str, Any]
    report: Report

    def fill(self, value: Any, path: Place) -> Any:
        if isinstance(value, str):
            return self.text(value, path) if "${" in value else value
        if isinstance(value, Mapping):
            return {key: self.fill(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, (*path, str(index))) for index, inner in enumerate(value)]
        return value

    def text(self, value: str, path: Place) -> Any:
        pieces: list[Any] = []
        end = 0
        for match in _REFERENCE.finditer(value):
            pieces += [value[end : match.start()], self.one(match, path)]
            end = match.end()
        pieces.append(value[end:])
        if any(isinstance(piece, Unresolved) for piece in pieces):
            return Unresolved(value)
        if len(pieces) == 3 and not pieces[0] and not pieces[2]:
            return pieces[1]
        return "".join(piece if isinstance(piece, str) else self.word(piece, path) for piece in pieces)

    def one(self, match: re.Match[str], path: Place) -> Any:
        """What stands for one reference."""
        if match.group() == "$${":
            return "${"
        name = (match.group(1) or "").strip()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) in self.params:
            return self.params[name.removeprefix(_PREFIX)]
        if name.startswith(_PREFIX):
            known, name = one_of(self.params), name.removeprefix(_PREFIX)
            hint = nearest(name, self.params) or "declare it under params"
            self.report(path, f'unknown parameter "{name}"', expected=known, hint=hint)
        else:
            literal = "for a literal ${ write $${"
            self.report(path, f"unknown reference {match.group()}", expected="${params.NAME}", hint=literal)
        return Unresolved(match.group())

    def word(self, value: Any, path: Place) -> str:
        """A parameter inside a longer text."""
        if isinstance(value, Mapping | list):
            self.report(path, "a parameter inside a text must be a single value", found=kind(value))
            return ""
        return json.dumps(value) if isinstance(value, bool) else str(value)
