"""The contract of a stage: an attrs class whose fields are what `with` takes, and a `run` method.

    @frozen
    class Filter:
        needs: ClassVar = {"samples": Need("dataset")}
        produces: ClassVar = {"kept": Output("dataset", "kept.jsonl")}
        metrics: ClassVar = ("kept_share",)
        min_score: float = option(1.0, about="rows below this are dropped")

        def run(self, ctx: Ctx) -> None: ...

Everything but `run` and `produces` has a default; see `describe` for what is read from a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol

import attrs
from attrs import frozen

from stagerun.contracts.context import Ctx


def _kinds(kinds: str | Iterable[str]) -> tuple[str, ...]:
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


@frozen
class Need:
    """An input: which kinds of artifact it takes. `many` takes a list; otherwise a list in TOML means first that exists."""

    kinds: tuple[str, ...] = attrs.field(converter=_kinds)
    optional: bool = False
    many: bool = False
    about: str = ""


@frozen
class Output:
    """A promised output: its kind and its place below `ctx.out`. `base` names the need that an adapter builds on;
    `like` the need whose architecture a model has."""

    kind: str
    path: str
    base: str | None = None
    about: str = ""
    like: str | None = None


def option(
    default: Any = attrs.NOTHING,
    *,
    about: str = "",
    affects_result: bool = True,
    factory: Callable[[], Any] | None = None,
    **kwargs: Any,
) -> Any:
    """An attrs field with documentation; `affects_result=False` keeps it out of the fingerprint (logging, save intervals)."""
    metadata = {"about": about, "affects_result": affects_result}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata, **kwargs)
    return attrs.field(default=default, metadata=metadata, **kwargs)


class Stage(Protocol):
    """A node of the graph. Only `produces` and `run` are required; the rest is shown with its default.

    `version` is part of the fingerprint: raise it when the same options and inputs give another result. A new option must
    do by default what was done without it; earlier results then stand.
    `metrics` names what gates may look at (`*` at the end matches a family).
    `in_process` is for stages of milliseconds that need no process of their own.
    `resources` claims a share while it runs: `accelerator` (one to a machine by default) and `cpu`.
    `shrinks` is for stages that take less memory with every `ctx.memory_failures`: they are tried again after each, and say
    themselves, by StageError, when they cannot take less.

    A stage may add five methods, all called at plan time:
    `check(self) -> Iterable[str]`: mistakes in its options that types cannot say;
    `reads(self) -> Iterable[str]`: files and folders outside the graph, relative to the pipeline file; their contents enter
    the fingerprint, and one that is missing is an error (or the reason why an `optional` stage is skipped);
    `languages(self) -> Iterable[str]`: evaluators it needs a judge for; `*` is every one that is installed;
    `plugins(self) -> Iterable[tuple[str, str, str]]`: other plugins its options name: kind, name, and the option that says it,
    such as `("sources", "glaive-v2", "sources.0")`; it gets each from `ctx.plugin(kind, name)`;
    `suits(self, plugins, folder) -> Iterable[tuple[str, str]]`: mistakes that show once those are loaded, each with its
    option; `plugins` has them by `kind.name`, and `folder` is where the pipeline file lies.
    It may also add `claims(self) -> Iterable[tuple[str, int]]`: resources of which its options need more than its class says;
    `space(self, origins, policy, keep) -> Iterable[Space]`: what it will put on a disk, of `keep` checkpoints;
    `estimate(self, origins, policy) -> Estimate | None`: what it will need, shown by `stagerun plan`;
    `room(self, origins, hardware) -> Room | None`: how many rows of its batch fit a `Hardware` at once; and
    `fits(self, origins, hardware) -> Iterable[tuple[str, str]]`: what cannot work on this `Hardware`, each with its option, asked
    only of stages that are to run.
    """

    needs: ClassVar[Mapping[str, Need]] = {}
    produces: ClassVar[Mapping[str, Output]]
    metrics: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[str] = "1"
    in_process: ClassVar[bool] = False
    resources: ClassVar[Mapping[str, int]] = {"cpu": 1}
    shrinks: ClassVar[bool] = False

    def run(self, ctx: Ctx) -> None:
        """Make every promised output below `ctx.out`; raise StageError for what no retry can mend."""
        ...


@frozen
class StageTraits:
    """What a stage class declares, with the defaults filled in."""

    needs: Mapping[str, Need]
    produces: Mapping[str, Output]
    metrics: tuple[str, ...]
    version: str
    in_process: bool
    resources: Mapping[str, int]
    shrinks: bool
    about: str


def describe(cls: type[Any]) -> StageTraits:
    """Read the class variables of a stage; raises TypeError that names what is wrong with the class."""
    if not attrs.has(cls):
        raise TypeError(
            f"{cls.__qualname__} is not an attrs class; its fields are its options, so decorate it with @frozen"
        )
    if not callable(getattr(cls, "run", None)):
        raise TypeError(f"{cls.__qualname__} has no run(self, ctx)")
    produces = getattr(cls, "produces", None)
    if not isinstance(produces, Mapping):
        raise TypeError(
            f'{cls.__qualname__}.produces must map names to Output, such as {{"kept": Output("dataset", "kept.jsonl")}}'
        )
    return StageTraits(
        needs=getattr(cls, "needs", {}),
        produces=produces,
        metrics=tuple(getattr(cls, "metrics", ())),
        version=str(getattr(cls, "version", "1")),
        in_process=bool(getattr(cls, "in_process", False)),
        resources=getattr(cls, "resources", {"cpu": 1}),
        shrinks=bool(getattr(cls, "shrinks", False)),
        about=(cls.__doc__ or "").strip().partition("\n")[0],
    )


def answers(stage: Any, method: str, *given: Any) -> tuple[Any, ...]:
    """What an optional method of a stage (`check`, `reads`, ...) or gate (`wants`) gives; empty when it has none."""
    found = getattr(stage, method, None)
    return tuple(found(*given)) if callable(found) else ()
