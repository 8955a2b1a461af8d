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
from stagerun.plan.backends import ThisMachine
from stagerun.plan.build import build
from stagerun.plan.machines import machine as described
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
    machine: str | None = None,
) -> Plan:
    """Plan a pipeline of a file; runs and writes nothing. Raises BadPipeline with every problem found.

    `announce` is told path and bytes of a large file before it is read for the first time. Without `fit`, stages are not asked
    whether they can work on this machine: the plan is for looking, as doctor does. `machine` names a description, or is the path
    of one: the plan is for that machine instead of this one, and is not to be run.
    """
    registry = registry or Registry()
    elsewhere = described(registry, machine) if machine is not None else None
    spec, problems = read(file, pipeline, profiles, sets, ThisMachine(registry, elsewhere))
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
        machine=elsewhere,
    )
    return evolve(plan, learned=cache.known)


def run(plan: Plan, *, skip_checks: Sequence[str] = ()) -> Iterator[Event]:
    """Look at the machine, then run a plan with an engine of its own; see `Engine` for stopping, gates and the exit code.

    Raises BadPipeline when a check fails (`skip_checks` names those to leave out), and what `Engine.run` raises.
    """
    from stagerun.checks.asking import preflight  # planning alone never loads these
    from stagerun.engine.run import Engine

    engine = Engine()
    yield from engine.run(plan, checked=preflight(plan, engine.registry, skip_checks).data())
