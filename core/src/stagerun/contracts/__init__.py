"""What a plugin implements and what it is handed. Protocols and frozen data only; nothing here acts."""

from stagerun.contracts.backend import Backend, Hardware, Policy, Probe
from stagerun.contracts.checkup import Checkup, Finding, Space, Status
from stagerun.contracts.context import Checkpoint, Checkpoints, Ctx
from stagerun.contracts.estimate import Estimate, Room
from stagerun.contracts.evaluator import Check, Command, Completed, Evaluator, Judge, Seed, SuiteResult, Tool
from stagerun.contracts.gate import Gate, GateInput, Verdict
from stagerun.contracts.sandbox import Isolation, Sandbox
from stagerun.contracts.source import DataSource, DropRow, Part, source
from stagerun.contracts.stage import Need, Output, Stage, option
from stagerun.contracts.task import Candidate, Diagnostic, Judgement, Task

__all__ = [
    "Backend",
    "Candidate",
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
    "Estimate",
    "Evaluator",
    "Finding",
    "Gate",
    "GateInput",
    "Hardware",
    "Isolation",
    "Judge",
    "Judgement",
    "Need",
    "Output",
    "Part",
    "Policy",
    "Probe",
    "Room",
    "Sandbox",
    "Seed",
    "Space",
    "Stage",
    "Status",
    "SuiteResult",
    "Task",
    "Tool",
    "Verdict",
    "option",
    "source",
]
