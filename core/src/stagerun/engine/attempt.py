"""One attempt at one stage, from its job to its outcome: inside the engine for light stages, in a worker otherwise."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from stagerun.contracts.executor import Running
from stagerun.errors import Failure
from stagerun.model import Artifact
from stagerun.plan import Plan, PlannedStage
from stagerun.plan.decide import fingerprint_parts
from stagerun.store.results import StageFolder
from stagerun.worker.execute import Outcome
from stagerun.worker.job import Job
from stagerun.worker.main import outcome_of

Given = Mapping[str, Artifact | tuple[Artifact, ...]]
ENDINGS = frozenset({"worker.done", "worker.failed", "worker.interrupted"})
SYSTEM_OOM = Path("/proc/vmstat")


def make_job(
    plan: Plan,
    stage: PlannedStage,
    folder: StageFolder,
    given: Given,
    fingerprint: str,
    memory_failures: int = 0,
    verdicts: Mapping[str, Any] | None = None,
) -> Job:
    """Everything a worker needs to know."""
    chosen = plan.backend_of(stage)
    return Job(
        stage=stage.name,
        entry=stage.found.entry,
        options=stage.shown,
        folder=str(folder.root),
        fingerprint=fingerprint,
        parts=fingerprint_parts(stage, plan.spec.seed, digests_of(given)),
        seed=plan.spec.seed,
        keep=plan.spec.keep_checkpoints,
        memory_failures=memory_failures,
        verdicts=verdicts or {},
        inputs={need: one.to_json() for need, one in given.items() if isinstance(one, Artifact)},
        many={need: [one.to_json() for one in row] for need, row in given.items() if not isinstance(row, Artifact)},
        backend=chosen.found.entry if chosen and not stage.traits.in_process else None,
        judge=plan.judge.entry if plan.judge else None,
        judge_options=plan.spec.judge.options,
        evaluators=plan.evaluators,
        plugins={name: found.entry for name, found in stage.plugins.items()},
    )


def digests_of(given: Given) -> dict[str, str | list[str]]:
    """The digest of each input; a need that took nothing is left out."""
    return {
        need: one.digest if isinstance(one, Artifact) else [each.digest for each in one]
        for need, one in given.items()
        if one != ()
    }


def environ(plan: Plan, stage: PlannedStage) -> dict[str, str]:
    """The worker's environment: the user's, the backend's, and what makes runs repeatable."""
    chosen = plan.backend_of(stage)
    own = {"PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**os.environ, **own, **(chosen.backend.environ() if chosen else {})}


@define
class Attempt:
    """A worker at work. `read` gives its messages; `outcome` what became of it once it is gone."""

    stage: PlannedStage
    given: Given
    job: Job
    number: int
    running: Running
    started: float = field(factory=time.time)
    step: int | None = None
    ending: dict[str, Any] | None = None
    ooms_before: int = 0  # `system_ooms()` when it started
    stopping_since: float | None = None
    forced: bool = False
    _buffer: bytes = b""

    def read(self) -> Iterator[dict[str, Any]]:
        """Whole messages that have arrived; the protocol's last one is kept as `ending`. Ends silently when none is there."""
        while True:
            try:
                data = os.read(self.running.reader, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                return
            *lines, self._buffer = (self._buffer + data).split(b"\n")
            for line in lines:
                message = json.loads(line)
                if message["kind"] in ENDINGS:
                    self.ending = message
                    continue
                self.step = message.get("step", self.step)
                yield message

    def outcome(self, code: int) -> Outcome:
        """What became of it; a worker that died without a word is a failure that says how."""
        if self.ending is not None:
            return outcome_of(self.ending)
        if self.stopping_since is not None:
            return None
        if code < 0:
            name = signal.Signals(-code).name
            if system_ooms() > self.ooms_before:
                return Failure(
                    "out_of_memory", f"the system ran out of memory and killed the worker ({name})", self.step
                )
            return Failure("killed", f"the worker was killed by {name}; memory running out is a usual cause", self.step)
        return Failure("lost", f"the worker ended with exit code {code} without saying why; see log.txt", self.step)


def system_ooms() -> int:
    """How many processes this system has killed for memory since it started; 0 where it does not say."""
    try:
        for line in SYSTEM_OOM.read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0
