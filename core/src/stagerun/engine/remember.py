"""After a run in which everything stands: note what the short way has to look at next time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stagerun.engine.run import Engine
from stagerun.errors import Exit
from stagerun.model.seal import MANIFEST, files_below
from stagerun.plan import Plan
from stagerun.store.digests import signature
from stagerun.store.results import StageFolder
from stagerun.store.standing import Selection, module_files, remember


def remember_standing(selection: Selection, plan: Plan, engine: Engine) -> None:
    """Note a run that ended well. Graphs with absent stages or fallbacks, and watched runs, always go the long way."""
    stages = plan.stages.values()
    absent = any(stage.decision.action == "absent" or any(one.passed_over for one in stage.sources) for stage in stages)
    if engine.exit_code == Exit.DONE and not absent and not engine.registry.has_hooks:
        remember(selection, plan.run_dir, plan.stages, _files(plan), signature)


def _files(plan: Plan) -> Iterator[Path]:
    yield plan.spec.file
    components = [stage.found.value for stage in plan.stages.values()]
    components += [gate.gate.__class__ for stage in plan.stages.values() for gate in stage.gates]
    components += [chosen.found.value for chosen in plan.backends.values()]
    yield from module_files({"stagerun", *(component.__module__ for component in components)})
    for stage in plan.stages.values():
        final = StageFolder(plan.run_dir / stage.name).final
        yield final / MANIFEST
        yield from (final / name for name in files_below(final))
        outside = [source.outside.path for source in stage.sources if source.outside and source.outside.path]
        reads = [(plan.spec.file.parent / Path(text).expanduser()).absolute() for text in stage.reads]
        for path in [*outside, *reads]:
            yield path
            if path.is_dir():  # a folder's own time tells of files added or removed
                yield from (below for below in path.rglob("*") if below.is_dir() or below.is_file())
