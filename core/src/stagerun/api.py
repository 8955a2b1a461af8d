"""The way in for programs: prepare a plan from a file, run it, read what happened.

plan = stagerun.prepare(Path("pipelines.toml"), "tui", profiles=["tiny"])
for event in stagerun.run(plan):
    ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import evolve

from stagerun.errors import BadPipeline
from stagerun.events import Event
from stagerun.plan import Plan
from stagerun.plan.backends import Facts
from stagerun.plan.build import build
from stagerun.registry import Registry
from stagerun.spec.load import read
from stagerun.store.digests import DigestCache
from stagerun.store.results import StageFolder


def prepare(
    file: Path,
    pipeline: str,
    *,
    profiles: Sequence[str] = (),
    sets: Sequence[str] = (),
    run_dir: Path | None = None,
    registry: Registry | None = None,
    announce: Callable[[Path, int], None] | None = None,
    fit: bool = True,
) -> Plan:
    """Plan a pipeline of a file; runs and writes nothing. Raises BadPipeline with every problem found.

    `announce` is told path and bytes of a large file before it is read for the first time. Without `fit`, stages are not asked
    whether they can work on this machine: the plan is for looking, as doctor does.
    """
    registry = registry or Registry()
    backend = next((text.partition("=")[2] for text in reversed(sets) if text.startswith("backend=")), "auto")
    spec, problems = read(file, pipeline, profiles, sets, Facts(registry, backend))
    if spec is None:
        raise BadPipeline(problems)
    root = (run_dir or spec.file.parent / (spec.run_dir or f"runs/{spec.name}")).absolute()
    cache = DigestCache(root / ".state" / "digests.json", announce).load()
    plan = build(
        spec,
        problems,
        registry,
        root,
        earlier=lambda name: StageFolder(root / name).read(cache),
        digest=cache.outside,
        fit=fit,
    )
    return evolve(plan, learned=cache.known)


def run(plan: Plan) -> Iterator[Event]:
    """Run a plan with an engine of its own; see `Engine` for stopping, overriding gates and the exit code."""
    from stagerun.engine.run import Engine  # planning alone never loads it

    return Engine().run(plan)
