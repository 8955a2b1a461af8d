"""Every public name of `stagerun`, with its fields as the source writes them and its methods."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping

import stagerun
from made.markdown import Row, paragraphs, signature, table

HOMES: Mapping[str, str] = {  # a part of the module's name -> the heading its names stand under
    "contracts.stage": "Stages",
    "contracts.context": "Stages",
    "model.artifact": "Stages",
    "contracts.gate": "Gates",
    "contracts.backend": "Backends",
    "contracts.evaluator": "Languages and the judge",
    "contracts.": "Other plugins",
    "errors": "What can go wrong",
    "": "Running a plan",
}


def contracts() -> str:
    """Every public name, with its fields or methods, in the order of the sources."""
    groups: dict[str, list[str]] = {title: [] for title in HOMES.values()}
    for _, name in sorted((_home(name), name) for name in stagerun.__all__ if not name.startswith("_")):
        groups[HOMES[_home(name)[1]]].append(name)
    return "\n".join(f"## {title}\n\n" + "\n".join(map(_name, names)) for title, names in groups.items() if names)


def _home(name: str) -> tuple[int, str, str, int]:
    """Where a name stands in the reference: its heading's place, its module, its line there."""
    value = getattr(stagerun, name)
    place, part = next((place, part) for place, part in enumerate(HOMES) if part in value.__module__)
    return place, part, value.__module__, inspect.findsource(value)[1]


def _name(name: str) -> str:
    value = getattr(stagerun, name)
    if not isinstance(value, type):
        return f"### `{name}`\n\n`{name}{signature(value)}`\n\n{paragraphs(value.__doc__ or '')}\n"
    parts = [
        f"### `{name}`",
        paragraphs(value.__doc__ or ""),
        fields(value),
        table(("method", ""), list(methods(value))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def fields(cls: type) -> str:
    """The public fields of a class as its source writes them, comments and all."""
    source = textwrap.dedent(inspect.getsource(cls))
    (tree,) = ast.parse(source).body
    assert isinstance(tree, ast.ClassDef)
    nodes = [node for node in tree.body if isinstance(node, ast.AnnAssign | ast.Assign)]
    lines = source.splitlines()
    shown = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes]
    public = [textwrap.dedent(text) for text in shown if not text.strip().startswith("_")]
    return "```python\n" + "\n".join(public) + "\n```" if public else ""


def methods(cls: type) -> Iterator[Row]:
    """The public methods and properties of a class."""
    for name, member in vars(cls).items():
        if not name.startswith("_") and (isinstance(member, property) or inspect.isfunction(member)):
            function = member.fget if isinstance(member, property) else member
            shown = name if isinstance(member, property) else f"{name}{signature(function)}"
            yield f"`{shown}`", " ".join((function.__doc__ or "").split())
