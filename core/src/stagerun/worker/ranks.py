"""A stage that works in several processes: its worker starts them through a launcher, and tells the engine what they say.

The stage's own process stays what the engine speaks to. It starts a launcher, a command of the stage's choice that starts the
processes (`torch.distributed.run`), each of which calls `rank.join`. They get the job from a file and have the same stage folder,
so that the first of them writes metrics, checkpoints and outputs as a worker does. Messages of the worker protocol come up the
launcher's standard output, which is for the first process alone; the others leave a file when they fail. Down its standard input
comes a stop, and its end, on which the guard of each process waits (guard.py): a launcher may put its processes into sessions of
their own, where no signal to a group finds them. Not covered: the side of the processes, see rank.py.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import asdict, define, evolve, field, frozen

from stagerun.contracts import Ctx
from stagerun.contracts.context import Interrupted
from stagerun.errors import Failure, StageError
from stagerun.model.seal import write_json
from stagerun.worker.context import Context
from stagerun.worker.job import Job

LOOK = 0.2  # seconds between two looks at what no message tells: a stop, a launcher that is gone
PATIENCE = 60.0  # seconds for a launcher to end once its processes have said all
JOB = "job.json"
FAILED = "failed_{}.json"  # what a process that fails leaves, by its rank
DONE, INTERRUPTED, DIED = "rank.done", "rank.interrupted", "ranks.died"


class AttemptFailed(Exception):
    """Ends a stage whose processes failed, with the failure as they told it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@frozen
class Handed:
    """What a process needs to work on its worker's attempt: the job, and where the worker writes."""

    job: Job
    out: Path
    work: Path

    def write(self, folder: Path) -> None:
        """Put it where `read` finds it."""
        value = {"job": asdict(self.job, recurse=False), "out": str(self.out), "work": str(self.work)}
        write_json(folder / JOB, value)

    @classmethod
    def read(cls, folder: Path) -> Handed:
        """What `write` wrote."""
        value = json.loads((folder / JOB).read_text(encoding="utf-8"))
        return cls(Job(**value["job"]), Path(value["out"]), Path(value["work"]))


def spread(
    ctx: Ctx, launcher: Sequence[str], processes: int, environ: Mapping[str, str] | None = None, judging: int = 1
) -> None:
    """Run the stage in processes that `launcher` starts, and return when their work is done.

    The launcher's command gets a folder as its last argument, which each process hands to `rank.join`. `environ` is added to
    this process's environment. `judging` of the processes use their judge at the same time and share its workers. Raises what
    the processes ended with: AttemptFailed, Interrupted; StageError without a worker.
    """
    job = getattr(ctx, "job", None)
    if not isinstance(ctx, Context) or job is None:
        raise StageError("several processes need a worker, and this stage runs without one", "run it by the engine")
    folder = ctx.work / "ranks"
    folder.mkdir(parents=True)
    Handed(evolve(job, judging=judging), ctx.out, ctx.work).write(folder)
    ctx.leave_metrics()
    process = subprocess.Popen(
        [*launcher, str(folder)],
        env={**os.environ, **(environ or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    relay = _Relay(ctx, process, folder, processes)
    try:
        relay.follow()
    finally:
        relay.end()
    relay.judge()


@define
class _Relay:
    """Passes on what the first process says until the launcher is gone, then tells how it went."""

    ctx: Context
    process: subprocess.Popen[bytes]
    folder: Path
    processes: int
    ending: dict[str, Any] | None = None  # the first process's last message
    exits: dict[int, int] = field(factory=dict)  # rank -> exit code, as the launcher saw it
    told: bool = False  # that the run is to end
    since: float | None = None  # when the last message came
    _buffer: bytes = b""

    def follow(self) -> None:
        """Until the launcher has ended, or the first process has said its last."""
        while self.process.poll() is None and not self._overdue():
            self._pass_on_stop()
            self._hear(LOOK)

    def _overdue(self) -> bool:
        if self.ending is None:
            return False
        return self.ending["kind"] == INTERRUPTED or time.monotonic() - (self.since or 0.0) > PATIENCE

    def _pass_on_stop(self) -> None:
        if self.ctx.stop_requested and not self.told:
            self.told = True
            self._write(b'{"do": "stop"}\n')

    def _write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        with suppress(OSError):  # all are gone: the launcher tells how
            self.process.stdin.write(line)

    def _hear(self, wait: float) -> bool:
        """Take what has come within `wait` seconds; false once nobody is left who could say anything."""
        assert self.process.stdout is not None
        source = self.process.stdout.fileno()
        if not select.select([source], [], [], wait)[0]:
            return True
        data = os.read(source, 1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(line)
        return bool(data)

    def _take(self, line: bytes) -> None:
        try:
            message: dict[str, Any] = json.loads(line)
            kind = message["kind"]
        except (ValueError, KeyError, TypeError):  # a launcher that prints
            sys.stderr.buffer.write(line + b"\n")
            return
        if kind in (DONE, INTERRUPTED):
            self.ending, self.since = message, time.monotonic()
        elif kind == DIED:
            self.exits = {int(rank): code for rank, code in message["exits"].items()}
        else:
            self.ctx.step = message.get("step", self.ctx.step)
            self.ctx.send(message)

    def end(self) -> None:
        """Let nothing outlive this call: the guards kill the processes, and when all are gone the pipe has no writer left."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        self.process.stdin.close()
        self.process.kill()  # it has ended already, unless the run is to end
        self.process.wait()
        while self._hear(LOOK) and time.monotonic() < deadline:
            pass
        self.process.stdout.close()

    def judge(self) -> None:
        """Take over what the first process measured, or raise how the processes ended."""
        if self.ending is not None and self.ending["kind"] == INTERRUPTED:
            raise Interrupted("the processes were asked to stop")
        if self.ending is None:
            raise AttemptFailed(self._failure())
        self.ctx.results.update(self.ending["results"])
        for output, meta in self.ending["metas"].items():
            self.ctx.describe(output, **meta)
        self.ctx.libraries.update(self.ending["libraries"])

    def _failure(self) -> Failure:
        """The cause: a process killed from outside, else the first that failed, else an exit that nobody explained."""
        killed = {rank: -code for rank, code in self.exits.items() if code < 0 and -code != signal.SIGTERM}
        for rank, number in sorted(killed.items()):
            name = signal.Signals(number).name
            told = f"{self._name(rank)} was killed by {name}; memory running out is a usual cause"
            return Failure("killed", told, self.ctx.step)
        for row in sorted(self._left(), key=lambda row: row["at"]):
            step = row["step"] if row["step"] is not None else self.ctx.step
            return Failure(row["reason"], f"{self._name(row['rank'])}: {row['message']}", step)
        for rank, code in sorted(self.exits.items()):
            told = f"{self._name(rank)} ended with exit code {code} without saying why; see log.txt"
            return Failure("lost", told, self.ctx.step)
        told = (
            f"what started the {self.processes} processes ended with exit code {self.process.returncode}; see log.txt"
        )
        return Failure("lost", told, self.ctx.step)

    def _left(self) -> Iterator[dict[str, Any]]:
        for path in self.folder.glob(FAILED.format("*")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def _name(self, rank: int) -> str:
        return f"process {rank + 1} of {self.processes}"
