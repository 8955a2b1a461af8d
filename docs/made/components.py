"""Stages, gates and whatever else a pipeline names: a section or a row for each, from the classes themselves.

Not covered: plugins outside this repository, which document themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from made.markdown import Row, paragraphs, table
from stagerun.cli.about import first_line
from stagerun.contracts.stage import StageTraits, describe
from stagerun.plan import hints
from stagerun.registry import GROUPS, Registry
from stagerun.spec.words import literal

OURS = frozenset({"stagerun", "stagerun-stages", "stagerun-evaluators", "stagerun-backends"})


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
        inner, ending, only = _inner(hint)
        if not only:
            about = option.metadata.get("about", "")
            about += "" if option.metadata.get("affects_result", True) else " (not part of the fingerprint)"
            yield f"`{above}{key}`", hints.words(hint), _default(option.default), about
        if inner is not None:
            yield from options(inner, f"{above}{key}{ending}")


def _inner(hint: Any) -> tuple[Any, str, bool]:
    """The class of a table within, what its keys' names begin with, and whether the option can be nothing but that."""
    listed = hints.items(hint)
    item, ending = (listed[1][0], "[].") if listed is not None else (hint, ".")
    arms = hints.arms(item) or (item,)
    inner = next((arm for arm in arms if isinstance(arm, type) and attrs.has(arm)), None)
    return inner, ending, inner is not None and len(arms) == 1


def _default(default: Any) -> str:
    if default is attrs.NOTHING:
        return "required"
    if default is None:
        return "unset"
    value = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
    return f"`{literal(value)}`"


def components() -> str:
    """Everything named that is no stage and no gate."""
    rows = [
        (_one(kind), f"`{entry.name}`", entry.dist, first_line(entry.value))
        for kind in GROUPS
        for entry in Registry().entries
        if entry.kind == kind and entry.dist in OURS and kind not in ("stages", "gates")
    ]
    return table(("kind", "name", "from", ""), rows)


def _one(kind: str) -> str:
    return kind.removesuffix("es" if kind.endswith("xes") else "s")


def ours(kind: str) -> Iterator[tuple[str, Any, str]]:
    """Name, class and distribution of everything of a kind that this repository brings."""
    registry = Registry()
    for entry in registry.entries:
        if entry.kind == kind and entry.dist in OURS:
            yield entry.name, registry.find(kind, entry.name).value, entry.dist
