"""What happens before the first stage of a run: old workers are ended, interpreters are prepared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from stagerun.contracts.executor import Executor
from stagerun.engine import environments
from stagerun.plan import Plan
from stagerun.spec import EnvironmentSpec
from stagerun.store.results import StageFolder

Tell = Callable[..., None]


def end_orphans(root: Path, executor: Executor, tell: Tell) -> None:
    """End what a killed engine left running: never two trainers in one directory."""
    for note in root.glob("*/.worker.json"):
        folder = StageFolder(note.parent)
        identity = folder.recall_worker()
        if identity and executor.still_there(identity):
            executor.end(identity)
            tell("orphan.ended", note.parent.name, pid=identity.get("pid"))
        folder.forget_worker()


def prepare_interpreters(plan: Plan, tell: Tell) -> dict[str, str]:
    """Environment name -> its Python, for every environment of a stage that will run; raises CannotRun."""
    ready: dict[str, str] = {}
    for stage in plan.stages.values():
        wanted = stage.environment
        if wanted is not None and wanted.name not in ready and stage.decision.action == "run":
            ready[wanted.name] = prepare_interpreter(wanted, plan.spec.file.parent, stage.name, tell)
    return ready


def prepare_interpreter(wanted: EnvironmentSpec, folder: Path, stage: str, tell: Tell) -> str:
    """The Python of an environment, built when it is not there yet, and tried; raises CannotRun."""
    python = environments.interpreter(wanted, folder)
    if python is None:
        tell("stage.note", stage, text=f"building environment {wanted.name}: {', '.join(wanted.requirements)}")
        started = time.time()
        python = environments.build(wanted, folder)
        seconds = round(time.time() - started, 1)
        tell("environment.built", environment=wanted.name, python=str(python), seconds=seconds)
    environments.check(python, wanted.name)
    return str(python)
