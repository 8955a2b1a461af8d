"""The running stage's side of the contract: every call becomes one message to the engine or one row on the disk."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from stagerun.contracts import Backend, Checkpoints, Judge
from stagerun.errors import StageError
from stagerun.model import Artifact

Send = Callable[[dict[str, Any]], None]


@define
class Context:
    """Implements `contracts.Ctx`. `send` takes one message of the worker protocol (see worker/protocol.py)."""

    stage: str
    inputs: Mapping[str, Artifact]
    many: Mapping[str, tuple[Artifact, ...]]
    out: Path
    work: Path
    seed: int
    backend: Backend
    checkpoints: Checkpoints
    send: Send
    find_judge: Callable[[], Judge]
    metrics_file: Path
    stopping: threading.Event = field(factory=threading.Event)
    results: dict[str, float] = field(factory=dict)
    metas: dict[str, dict[str, Any]] = field(factory=dict)
    step: int | None = None
    _judge: Judge | None = None

    @property
    def judge(self) -> Judge:
        if self._judge is None:
            self._judge = self.find_judge()
        return self._judge

    @property
    def stop_requested(self) -> bool:
        return self.stopping.is_set()

    def progress(self, step: int, total: int | None = None) -> None:
        self.step = step
        self.tell("stage.progress", step=step, total=total)

    def metric(self, step: int, **values: float) -> None:
        row = {"step": step, **{name: _number(value) for name, value in values.items()}}
        with self.metrics_file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        self.step = step
        self.tell("stage.progress", step=step, metrics=row)

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


def _number(value: float) -> float:
    """A plain float; NaN and infinities stay visible to gates, which never pass them."""
    number = float(value)
    return number if math.isfinite(number) else float("nan")
