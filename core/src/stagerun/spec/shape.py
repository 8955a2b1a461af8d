"""What a pipeline file says, after profiles, `--set` and parameters were applied. Data only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from stagerun.errors import Problem

Path_ = tuple[str, ...]  # a place in the pipeline, without the pipeline's name: ("stages", "tool_sft", "with", "lora")


@frozen
class GateSpec:
    """`{ uses = "metric", metric = "loss", max = 2.0, hard = true }`; `options` is what is left for the gate's class."""

    uses: str
    name: str  # unique within the stage; defaults to the metric's name or to `uses`
    hard: bool
    options: Mapping[str, Any]
    path: Path_


@frozen
class StageSpec:
    """One node. `needs` maps a need to its references in order of preference; `listed` names the needs written as a list."""

    name: str
    uses: str
    needs: Mapping[str, tuple[str, ...]] = field(factory=dict)
    listed: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(factory=dict)  # the raw `with` table
    gates: tuple[GateSpec, ...] = ()
    after: tuple[str, ...] = ()  # stages that must come first although nothing is taken from them
    optional: bool = False
    about: str = ""
    backend: str | None = None
    environment: str | None = None
    resources: Mapping[str, int] = field(factory=dict)
    retries: int | None = None


@frozen
class EnvironmentSpec:
    """An interpreter for stages: an existing `python`, or one built from `requirements`."""

    name: str
    python: str | None = None
    requirements: tuple[str, ...] = ()


@frozen
class JudgeSpec:
    """Which judge, and what is said about it: keyword arguments of its class, those that were written and no others."""

    uses: str = "local"
    options: Mapping[str, Any] = field(factory=dict)


@frozen
class Applied:
    """A profile or `--set` that was laid over the pipeline: `changes` are (dotted place, old value, new value)."""

    name: str  # "tiny", or the text after --set
    why: str  # "--profile", "when backend = cpu", "--set"
    changes: tuple[tuple[str, Any, Any], ...] = ()


def _no_problem(path: Path_, what: str, found: str = "", expected: str = "", hint: str = "") -> Problem:
    return Problem(what=what, where=".".join(path), found=found, expected=expected, hint=hint)


@frozen
class PipelineSpec:
    """A pipeline. `problem(path, what, found, expected, hint)` makes a Problem with the file and line of that place,
    which is the profile's or `--set`'s own place where the value came from there."""

    name: str
    file: Path
    stages: Mapping[str, StageSpec]
    about: str = ""
    params: Mapping[str, Any] = field(factory=dict)
    backend: str = "auto"
    seed: int = 0
    retries: int = 2  # attempts after the first while no progress is made
    keep_checkpoints: int = 2
    run_dir: str = ""  # relative to the pipeline file's folder; empty: runs/NAME
    resources: Mapping[str, int] = field(factory=dict)  # what the machine offers: cpu, accelerator, names of one's own
    environments: Mapping[str, EnvironmentSpec] = field(factory=dict)
    judge: JudgeSpec = JudgeSpec()
    price_per_hour: float = 0.0  # of the machine, in whatever money; 0: not told
    applied: tuple[Applied, ...] = ()
    problem: Callable[..., Problem] = field(default=_no_problem, eq=False, repr=False)
