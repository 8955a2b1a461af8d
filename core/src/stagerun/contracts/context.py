"""What a running stage is handed: its inputs, a place for its outputs, and ways to tell what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from stagerun.contracts.backend import Backend
from stagerun.contracts.evaluator import Judge
from stagerun.model import Artifact


@frozen
class Checkpoint:
    """A sealed, verified checkpoint of this stage."""

    step: int
    path: Path


class Checkpoints(Protocol):
    """The stage's resumable state, in `checkpoints/step_00000250/`; sealed by a manifest of digests written last."""

    def latest(self) -> Checkpoint | None:
        """The newest whole checkpoint of this fingerprint; damaged ones are named in events and passed over."""
        ...

    def saving(self, step: int, state: Mapping[str, Any] | None = None) -> AbstractContextManager[Path]:
        """A folder to fill; on leaving it `state.json` and the manifest are added, it is renamed into place, old ones go."""
        ...


class Ctx(Protocol):
    """One attempt at one stage."""

    @property
    def stage(self) -> str:
        """The stage's name in the graph."""
        ...

    @property
    def inputs(self) -> Mapping[str, Artifact]:
        """The artifact for each need; a need with nothing to take is absent."""
        ...

    @property
    def many(self) -> Mapping[str, tuple[Artifact, ...]]:
        """The artifacts for each need declared `many`."""
        ...

    @property
    def out(self) -> Path:
        """Where outputs are written; becomes the stage's `final` folder only when the stage succeeds."""
        ...

    @property
    def work(self) -> Path:
        """Scratch space, emptied before each attempt and gone after it."""
        ...

    @property
    def seed(self) -> int:
        """The pipeline's seed."""
        ...

    @property
    def verdicts(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What gates have said so far, by stage: gate, hard, passed, text, accepted. They decide nothing here."""
        ...

    @property
    def memory_failures(self) -> int:
        """How many earlier attempts of this run ran out of memory; a stage that `shrinks` takes less each time."""
        ...

    @property
    def backend(self) -> Backend:
        """The hardware this stage runs on."""
        ...

    @property
    def judge(self) -> Judge:
        """Judges candidates in any installed language; raises StageError when no judge is installed."""
        ...

    def plugin(self, kind: str, name: str) -> Any:
        """What stands under a name that the stage's `plugins()` gave; raises StageError for one it did not give."""
        ...

    @property
    def checkpoints(self) -> Checkpoints:
        """Saves and finds resumable state."""
        ...

    @property
    def stop_requested(self) -> bool:
        """True once the run was asked to stop: save a checkpoint and return early by raising Interrupted."""
        ...

    def progress(self, step: int, total: int | None = None) -> None:
        """Tell how far the work is; cheap, may be called at every step."""
        ...

    def metric(self, step: int, **values: float) -> None:
        """Append one row to metrics.jsonl; gates may look at the history."""
        ...

    def result(self, **values: float) -> None:
        """Final metrics, shown in the summary; gates look here first."""
        ...

    def describe(self, output: str, **meta: Any) -> None:
        """Attach facts to an output; they travel with the artifact as `meta`."""
        ...

    def prove(self, name: str, passed: bool, **evidence: Any) -> None:
        """Record a proof; raises StageError when it did not pass."""
        ...

    def note(self, text: str) -> None:
        """Tell the user something."""
        ...

    def warn(self, text: str) -> None:
        """Tell the user something they should look at; kept in the summary."""
        ...

    def emit(self, name: str, **data: Any) -> None:
        """The stage's own event, for plugins and the record."""
        ...


class Interrupted(Exception):
    """Raised by a stage that stopped early because `stop_requested` was set; the attempt counts as interrupted, not failed."""
