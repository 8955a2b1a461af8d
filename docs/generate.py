"""Writes the tables of docs/reference from the code itself: `python docs/generate.py`. tests/docs fails when one is stale.

A page keeps its prose; what stands between `<!-- made: NAME -->` and `<!-- end -->` is replaced by what `PARTS[NAME]` gives.
Not covered: plugins outside this repository, which document themselves.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

import stagerun
from stagerun.cli.about import first_line
from stagerun.cli.app import COMMANDS, Commands
from stagerun.contracts.stage import StageTraits, describe
from stagerun.events import EVENTS, LIVE_ONLY
from stagerun.plan import hints
from stagerun.registry import Registry
from stagerun.spec.words import literal

DOCS = Path(__file__).parent
OURS = frozenset({"stagerun", "stagerun-stages", "stagerun-evaluators", "stagerun-backends"})
_PART = re.compile(r"(<!-- made: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Row = Sequence[str]


def main() -> None:
    """Rewrite every page that is behind the code."""
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        made = filled(text)
        if made != text:
            page.write_text(made, encoding="utf-8")


def filled(text: str) -> str:
    """A page with its made parts as they should be now."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]().strip()}\n\n{match[3]}", text)


# ---- stages and gates


def stages() -> str:
    """Every stage of ours: what it takes, makes, measures, and its options; those that several share come last."""
    found = list(ours("stages"))
    bases = dict.fromkeys(base for _, cls, _ in found if (base := _base(cls)) is not None)
    shared = [f"## {_title(base)}\n\n{paragraphs(base.__doc__)}\n\n{option_table(base)}\n" for base in bases]
    return "\n".join([*(_stage(*one) for one in found), *shared])


def _base(cls: Any) -> Any:
    """The class that a stage has options from, if any."""
    return next((base for base in cls.__mro__[1:] if attrs.has(base)), None)


def _title(base: Any) -> str:
    return str(base.__doc__ or base.__name__).partition(".")[0]


def _stage(name: str, cls: Any, dist: str) -> str:
    traits = describe(cls)
    parts = [
        f"## `{name}`",
        paragraphs(cls.__doc__ or ""),
        _traits(traits, dist),
        table(("need", "takes", ""), [_need(need, declared) for need, declared in traits.needs.items()]),
        table(("output", "kind", "place", ""), [_output(*pair) for pair in traits.produces.items()]),
        option_table(cls),
        _shared(_base(cls)),
        _metrics(traits.metrics),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _shared(base: Any) -> str:
    anchor = _title(base).lower().replace(" ", "-") if base else ""
    return f"It also takes the [{_title(base).lower()}](#{anchor})." if base else ""


def _traits(traits: StageTraits, dist: str) -> str:
    claims = ", ".join(f"{amount} {name}" for name, amount in traits.resources.items())
    where = (
        "runs inside the engine's process" if traits.in_process else f"runs in a process of its own, claims {claims}"
    )
    return f"From {dist}, version {traits.version}; {where}."


def _need(name: str, need: Any) -> Row:
    words = [" or ".join("anything" if kind == "*" else kind for kind in need.kinds)]
    words += ["a list of them"] if need.many else []
    words += ["optional"] if need.optional else []
    return f"`{name}`", ", ".join(words), need.about


def _output(name: str, output: Any) -> Row:
    about = [output.about, f"built on what `{output.base}` takes" if output.base else ""]
    kind = "any" if output.kind == "*" else output.kind
    return f"`{name}`", kind, f"`{output.path}`", "; ".join(part for part in about if part)


def _metrics(names: Iterable[str]) -> str:
    shown = ["any name" if name == "*" else f"`{name}`" for name in names]
    return f"Metrics: {', '.join(shown)}." if shown else ""


def gates() -> str:
    """Every gate of ours with its options."""
    rows = []
    for name, cls, dist in ours("gates"):
        rows.append(f"## `{name}`\n\n{paragraphs(cls.__doc__ or '')}\n\nFrom {dist}.\n\n{option_table(cls)}\n")
    return "\n".join(rows)


def option_table(cls: Any) -> str:
    """The options that a class has of its own."""
    return table(("option", "value", "default", ""), list(options(cls)))


def options(cls: Any, above: str = "") -> Iterator[Row]:
    """A row for each option; those of a table within are named with a dot, those of a list's items with []."""
    for key, (option, hint) in hints.schema(cls).items():
        if option.inherited:
            continue
        inner, ending = _inner(hint)
        if inner is not None:
            yield from options(inner, f"{above}{key}{ending}")
            continue
        about = option.metadata.get("about", "")
        about += "" if option.metadata.get("affects_result", True) else " (not part of the fingerprint)"
        yield f"`{above}{key}`", hints.words(hint), _default(option.default), about


def _inner(hint: Any) -> tuple[Any, str]:
    if isinstance(hint, type) and attrs.has(hint):
        return hint, "."
    listed = hints.items(hint)
    if listed is not None and isinstance(listed[1][0], type) and attrs.has(listed[1][0]):
        return listed[1][0], "[]."
    return None, ""


def _default(default: Any) -> str:
    if default is attrs.NOTHING:
        return "required"
    if default is None:
        return "unset"
    value = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
    return f"`{literal(value)}`"


def components() -> str:
    """Backends, evaluators, judges and executors, by name."""
    rows = [
        (kind[:-1], f"`{entry.name}`", entry.dist, first_line(entry.value))
        for kind in ("backends", "evaluators", "judges", "executors")
        for entry in Registry().entries
        if entry.kind == kind and entry.dist in OURS
    ]
    return table(("kind", "name", "from", ""), rows)


def ours(kind: str) -> Iterator[tuple[str, Any, str]]:
    """Name, class and distribution of everything of a kind that this repository brings."""
    registry = Registry()
    for entry in registry.entries:
        if entry.kind == kind and entry.dist in OURS:
            yield entry.name, registry.find(kind, entry.name).value, entry.dist


# ---- the command line, events, hooks


def cli() -> str:
    """Every command with its options, from click itself."""
    group = Commands(name="stagerun")
    return "\n".join(_command(name, group) for name in COMMANDS)


def _command(name: str, group: click.Group) -> str:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    usage = command.collect_usage_pieces(click.Context(command))
    rows = [_option(param) for param in command.params if isinstance(param, click.Option)]
    made = table(("option", ""), rows)
    return (
        f"## `stagerun {name}`\n\n`stagerun {name} {' '.join(usage)}`\n\n{paragraphs(command.help or '')}\n\n{made}\n"
    )


def _option(param: click.Option) -> Row:
    value = f" {param.metavar}" if param.metavar else ""
    return f"`{param.opts[0]}{value}`", param.help or ""


def events() -> str:
    """The table of events."""
    rows = [(f"`{kind}`", "no" if kind in LIVE_ONLY else "yes", *_split(about)) for kind, about in EVENTS.items()]
    return table(("kind", "kept", "when", "data"), rows)


def _split(about: str) -> tuple[str, str]:
    """When an event happens, and the names of its data."""
    when, _, data = about.partition(": ")
    return when, data


def hooks() -> str:
    """Every hook with its arguments."""
    from stagerun import hookspecs

    return "\n".join(_hook(name, getattr(hookspecs, name)) for name in vars(hookspecs) if name.startswith("stagerun_"))


def _hook(name: str, function: Any) -> str:
    first = "\n\nThe first answer that is not None counts." if function.stagerun_spec["firstresult"] else ""
    return f"## `{name}`\n\n`{name}{signature(function)}`\n\n{paragraphs(function.__doc__)}{first}\n"


class _Bare(str):
    """An annotation that prints without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature(function: Any) -> str:
    """Arguments and result as they are written, without self and module names."""
    found = inspect.signature(function)
    arguments = [one for one in found.parameters.values() if one.name not in ("self", "cls")]
    plain = [one.replace(annotation=_Bare(str(one.annotation).replace("click.", ""))) for one in arguments]
    return str(found.replace(parameters=plain, return_annotation=_Bare(found.return_annotation)))


# ---- the public names

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


# ---- Markdown


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; a column that is empty in every row is left out, and no rows give no table."""
    if not rows:
        return ""
    kept = [place for place in range(len(head)) if any(row[place] for row in rows)]
    lines = [
        [head[place] for place in kept],
        ["---"] * len(kept),
        *([_cell(row[place]) for place in kept] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def paragraphs(text: str) -> str:
    """A docstring with each paragraph on one line; lines that each tell of one `name` become a list, examples code."""
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_code(part) if part.startswith("    ") else _flowed(part) for part in parts)


def _code(part: str) -> str:
    return f"```python\n{textwrap.dedent(part)}\n```"


def _flowed(part: str) -> str:
    """The lines of a paragraph joined, but for lines that begin with a name in backticks after a finished one."""
    joined = " ".join(part.split("\n"))
    items = re.split(r"(?<=[.;:])\n(?=`)", part)
    if len(items) == 1:
        return joined
    listed = [f"- {' '.join(item.split())}" if item.startswith("`") else " ".join(item.split()) for item in items]
    return re.sub(r"(?m)(^[^-].*)\n(?=- )", r"\1\n\n", "\n".join(listed))


PARTS: Mapping[str, Callable[[], str]] = {
    "stages": stages,
    "gates": gates,
    "components": components,
    "cli": cli,
    "events": events,
    "hooks": hooks,
    "contracts": contracts,
}

if __name__ == "__main__":
    main()
