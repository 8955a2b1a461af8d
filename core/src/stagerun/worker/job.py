"""What an engine tells a worker to do: the first line of the protocol.

Worker protocol, lines of JSON. In: the job, then `{"do": "stop"}` when the run is to end. Out: events (`kind` and data), then
exactly one of `worker.done`, `worker.failed`, `worker.interrupted`. A worker whose input closes ends itself and its group.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen

from stagerun.model import Artifact


@frozen
class Job:
    """One attempt. Entries are `module:attribute`; `folder` is the stage's folder in the run directory."""

    stage: str
    entry: str
    options: Mapping[str, Any]
    folder: str
    fingerprint: str
    parts: Mapping[str, Any]
    seed: int = 0
    keep: int = 2
    memory_failures: int = 0  # earlier attempts of this run that ran out of memory
    verdicts: Mapping[str, Any] = field(factory=dict)  # stage -> what its gates said
    inputs: Mapping[str, Any] = field(factory=dict)  # need -> artifact as JSON
    many: Mapping[str, list[Any]] = field(factory=dict)
    backend: str | None = None
    judge: str | None = None
    judge_options: Mapping[str, Any] = field(factory=dict)  # keyword arguments of the judge's class
    judging: int = 1  # processes that judge at the same time, each with its share of the judge's workers
    evaluators: Mapping[str, str] = field(factory=dict)
    plugins: Mapping[str, str] = field(factory=dict)  # "kind.name" -> entry

    def to_line(self) -> bytes:
        """The job as the protocol's first line."""
        return json.dumps(asdict(self, recurse=False), ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Job:
        """Inverse of `to_line`; raises ValueError or TypeError for anything else."""
        return cls(**json.loads(line))

    def artifacts(self) -> dict[str, Artifact]:
        """Inputs by need."""
        return {need: Artifact.from_json(row) for need, row in self.inputs.items()}

    def artifact_lists(self) -> dict[str, tuple[Artifact, ...]]:
        """Inputs of needs that take many."""
        return {need: tuple(map(Artifact.from_json, rows)) for need, rows in self.many.items()}

    @property
    def root(self) -> Path:
        """The stage's folder."""
        return Path(self.folder)
