"""stagerun: turns a base model and data into a better model, proof before hours.

The names below are the public interface; they load when first used, so that `stagerun --version` costs nothing.
"""

from __future__ import annotations

from stagerun._version import __version__

TYPE_CHECKING = False  # type checkers know the name; importing it from typing doubles the cost of `stagerun --version`
if TYPE_CHECKING:
    from typing import Any

    from stagerun.api import prepare, run
    from stagerun.contracts import (
        Backend,
        Candidate,
        Check,
        Checkpoint,
        Checkpoints,
        Checkup,
        Command,
        Completed,
        Ctx,
        DataSource,
        Diagnostic,
        DropRow,
        Estimate,
        Evaluator,
        Finding,
        Gate,
        GateInput,
        Hardware,
        Isolation,
        Judge,
        Judgement,
        Need,
        Output,
        Part,
        Policy,
        Probe,
        Room,
        Sandbox,
        Seed,
        Space,
        Stage,
        SuiteResult,
        Task,
        Tool,
        Verdict,
        option,
        source,
    )
    from stagerun.contracts.context import Interrupted
    from stagerun.engine.gating import Acceptance
    from stagerun.engine.run import Engine
    from stagerun.errors import BadPipeline, CannotRun, Exit, Failure, Problem, StageError, StagerunError
    from stagerun.events import Event
    from stagerun.model import Artifact
    from stagerun.plan import Plan
    from stagerun.registry import Registry

_HOMES = {
    "stagerun.api": "prepare run",
    "stagerun.engine.gating": "Acceptance",
    "stagerun.engine.run": "Engine",
    "stagerun.plan": "Plan",
    "stagerun.registry": "Registry",
    "stagerun.contracts": (
        "Backend Candidate Check Checkpoint Checkpoints Checkup Command Completed Ctx DataSource Diagnostic DropRow "
        "Estimate Evaluator Finding Gate GateInput Hardware Isolation Judge Judgement Need Output Part Policy Probe Room "
        "Sandbox Seed Space Stage SuiteResult Task Tool Verdict option source"
    ),
    "stagerun.contracts.context": "Interrupted",
    "stagerun.errors": "BadPipeline CannotRun Exit Failure Problem StageError StagerunError",
    "stagerun.events": "Event",
    "stagerun.model": "Artifact",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [  # written out, so that type checkers see what is exported
    "Acceptance",
    "Artifact",
    "Backend",
    "BadPipeline",
    "Candidate",
    "CannotRun",
    "Check",
    "Checkpoint",
    "Checkpoints",
    "Checkup",
    "Command",
    "Completed",
    "Ctx",
    "DataSource",
    "Diagnostic",
    "DropRow",
    "Engine",
    "Estimate",
    "Evaluator",
    "Event",
    "Exit",
    "Failure",
    "Finding",
    "Gate",
    "GateInput",
    "Hardware",
    "Interrupted",
    "Isolation",
    "Judge",
    "Judgement",
    "Need",
    "Output",
    "Part",
    "Plan",
    "Policy",
    "Probe",
    "Problem",
    "Registry",
    "Room",
    "Sandbox",
    "Seed",
    "Space",
    "Stage",
    "StageError",
    "StagerunError",
    "SuiteResult",
    "Task",
    "Tool",
    "Verdict",
    "__version__",
    "option",
    "prepare",
    "run",
    "source",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'stagerun' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
