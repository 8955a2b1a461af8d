"""The plan as data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from stagerun.contracts.stage import StageTraits
from stagerun.model import Artifact
from stagerun.plan.backends import Chosen
from stagerun.plan.machines import Machine
from stagerun.registry import Found
from stagerun.spec import EnvironmentSpec, GateSpec, PipelineSpec, StageSpec

Action = Literal["run", "skip", "absent"]


@frozen
class Source:
    """Where one input comes from: a stage's output, or something outside the graph.

    `passed_over` are the references before it in a first-that-exists list, each with the reason it does not exist.
    """

    need: str
    text: str  # as the graph says it
    stage: str | None = None
    output: str | None = None
    below: str = ""  # a path inside that output
    kind: str = ""  # what it is taken as
    outside: Artifact | None = None
    passed_over: tuple[str, ...] = ()
    many: bool = False


@frozen
class Decision:
    """Whether a stage runs, and why. `fingerprint` is None while an input is still to be made.

    `absent` is an optional stage that cannot run: it leaves nothing, and first-that-exists lists pass over it.
    `roots` are the changes at the start of the chain of causes, for every stage downstream.
    """

    action: Action
    reasons: tuple[str, ...]
    fingerprint: str | None = None
    roots: tuple[str, ...] = ()


@frozen
class PlannedGate:
    """A gate with its options structured."""

    spec: GateSpec
    gate: Any
    entry: str


@frozen
class PlannedStage:
    """A stage with everything resolved that can be resolved before running."""

    spec: StageSpec
    found: Found
    stage: Any  # the attrs instance
    traits: StageTraits
    options: Mapping[str, Any]  # what enters the fingerprint
    shown: Mapping[str, Any]  # every option, for the worker and the record
    sources: tuple[Source, ...]
    reads: Mapping[str, str]  # outside file -> digest
    gates: tuple[PlannedGate, ...]
    resources: Mapping[str, int]
    environment: EnvironmentSpec | None
    decision: Decision
    plugins: Mapping[str, Found] = field(factory=dict)  # "kind.name" -> what the options name beside languages

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def upstream(self) -> tuple[str, ...]:
        """Stages that must be settled before this one, each once."""
        names = [source.stage for source in self.sources if source.stage] + list(self.spec.after)
        return tuple(dict.fromkeys(names))


@frozen
class Plan:
    """A pipeline ready to run. Stages stand in an order that respects every need."""

    spec: PipelineSpec
    run_dir: Path
    stages: Mapping[str, PlannedStage]
    backends: Mapping[str, Chosen] = field(factory=dict)  # name in the graph ("auto" among them) -> what it stands for
    judge: Found | None = None
    evaluators: Mapping[str, str] = field(factory=dict)  # language -> entry
    capacity: Mapping[str, int] = field(factory=dict)
    machine: Machine | None = None  # described, and not this one: the plan is not to be run
    learned: Mapping[str, Any] = field(factory=dict, eq=False, repr=False)  # digests of files, for the run's cache

    def backend_of(self, stage: PlannedStage) -> Chosen | None:
        """The backend a stage uses; None when none is installed."""
        return self.backends.get(stage.spec.backend or self.spec.backend)

    @property
    def to_run(self) -> list[str]:
        """Names of the stages that will run."""
        return [name for name, stage in self.stages.items() if stage.decision.action == "run"]
