"""The running stage's side of the contract: every call becomes one message to the engine or one row on the disk."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from attrs import define, field

from stagerun.contracts import Backend, Judge
from stagerun.errors import StageError
from stagerun.model import Artifact
from stagerun.store.checkpoints import CheckpointFolder
from stagerun.worker.job import Job

Send = Callable[[dict[str, Any]], None]


@define
class Context:
    """Implements `contracts.Ctx`. `send` takes one message of the worker protocol (see worker/job.py)."""

    stage: str
    inputs: Mapping[str, Artifact]
    many: Mapping[str, tuple[Artifact, ...]]
    out: Path
    work: Path
    seed: int
    find_backend: Callable[[], Backend]
    checkpoints: CheckpointFolder
    send: Send
    find_judge: Callable[[], Judge]
    find_plugin: Callable[[str, str], Any]
    metrics_file: Path
    memory_failures: int = 0
    verdicts: Mapping[str, Sequence[Mapping[str, Any]]] = field(factory=dict)
    stopping: threading.Event = field(factory=threading.Event)
    results: dict[str, float] = field(factory=dict)
    metas: dict[str, dict[str, Any]] = field(factory=dict)
    libraries: dict[str, str] = field(factory=dict)  # versions that other processes of the stage have loaded
    job: Job | None = None  # None where a stage runs without a worker's job
    step: int | None = None
    watches_stop: bool = False  # whether the stage ever looked at `stop_requested`
    _trimmed: bool = False  # whether rows of earlier attempts were dropped
    _rows: FileIO | None = None
    _backend: Backend | None = None
    _judge: Judge | None = None

    @property
    def backend(self) -> Backend:
        if self._backend is None:
            self._backend = self.find_backend()
        return self._backend

    @property
    def judge(self) -> Judge:
        if self._judge is None:
            self._judge = self.find_judge()
            if notice := getattr(self._judge, "notice", ""):
                self.note(notice)
            if hasattr(self._judge, "say"):
                self._judge.say = self.note
        return self._judge

    def plugin(self, kind: str, name: str) -> Any:
        return self.find_plugin(kind, name)

    @property
    def stop_requested(self) -> bool:
        self.watches_stop = True
        return self.stopping.is_set()

    def progress(self, step: int, total: int | None = None) -> None:
        self.step = step
        self.tell("stage.progress", step=step, total=total)

    def metric(self, step: int, **values: float) -> None:
        row = {"step": step, **{name: _number(value) for name, value in values.items()}}
        if self._rows is None:
            self.settle_metrics()
            self._rows = self.metrics_file.open("ab", buffering=0)  # opened once: a row must cost microseconds
        self._rows.write(json.dumps(row).encode() + b"\n")
        self.step = step
        self.tell("stage.progress", step=step, metrics=row)

    def settle_metrics(self) -> None:
        """Drop rows of earlier attempts that this one does not build on: all of them, or those after its checkpoint."""
        if not self._trimmed and self.metrics_file.exists():
            _trim(self.metrics_file, self.checkpoints.resumed)
        self._trimmed = True

    def leave_metrics(self) -> None:
        """Another process of this stage writes the history, and settles it."""
        self._trimmed = True

    def close(self) -> None:
        """Let go of the history; safe to call twice."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def result(self, **values: float) -> None:
        self.results.update({name: _number(value) for name, value in values.items()})

    def describe(self, output: str, **meta: Any) -> None:
        self.metas.setdefault(output, {}).update(meta)

    def prove(self, name: str, passed: bool, **evidence: Any) -> None:
        self.tell("stage.proof", name=name, passed=bool(passed), evidence=evidence)
        if not passed:
            shown = ", ".join(f"{key} {value}" for key, value in evidence.items())
            raise StageError(f"proof {name} failed: {shown}" if shown else f"proof {name} failed")

    def note(self, text: str) -> None:
        self.tell("stage.note", text=text)

    def warn(self, text: str) -> None:
        self.tell("stage.warning", text=text)

    def emit(self, name: str, **data: Any) -> None:
        self.tell("stage.emitted", name=name, **data)

    def tell(self, kind: str, **data: Any) -> None:
        """Send an event of the given kind to the engine."""
        self.send({"kind": kind, **data})


def _trim(path: Path, last: int) -> None:
    """Keep the rows up to step `last`; no row is left, no file is left."""
    if last == 0:
        path.unlink()
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        try:
            if line.endswith("\n") and json.loads(line)["step"] <= last:
                kept.append(line)
        except (ValueError, KeyError, TypeError):  # torn by a kill
            continue
    path.write_text("".join(kept), encoding="utf-8")


def _number(value: float) -> float:
    """A plain float; NaN and infinities stay visible to gates, which never pass them."""
    number = float(value)
    return number if math.isfinite(number) else float("nan")
