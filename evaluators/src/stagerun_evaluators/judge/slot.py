"""The judge's end of one keeper process: start it, hand it a job, read the answer, replace it when it died."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

import attrs
from attrs import frozen

from stagerun.contracts import Command, Completed
from stagerun_evaluators.keeper.serve import start_argv
from stagerun_evaluators.keeper.wire import PYTHON_ENVIRON, Answer, CommandRow, Job

_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")  # of the user's environment: what toolchains need, no secrets


class InfraError(Exception):
    """The keeper failed, not the candidate: no verdict can be made of it."""


@frozen
class Outcome:
    """How the commands ended, as far as they were run, and the laid-out files that were changed."""

    done: tuple[Completed, ...]
    changed: tuple[str, ...]


class Slot:
    """One keeper, started when first needed. Used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, files: Mapping[str, str], commands: Sequence[Command]) -> Outcome:
        """Run the commands over the files; raises InfraError when the keeper could not."""
        job = Job(files=dict(files), commands=[_row(command) for command in commands])
        try:
            answer = self._ask(json.dumps(job).encode() + b"\n")
        except (OSError, ValueError) as error:
            self.close()
            raise InfraError(f"the keeper of a judging slot is gone: {error}") from error
        return Outcome(tuple(Completed(**row) for row in answer["done"]), tuple(answer["changed"]))

    def _ask(self, line: bytes) -> Answer:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        answer: Answer = json.loads(process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the keeper and what it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):  # a job that could not be written is still in the buffer
                stream.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start() -> subprocess.Popen[bytes]:
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | PYTHON_ENVIRON | {"LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        start_argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, cwd="/", start_new_session=True
    )


def _row(command: Command) -> CommandRow:
    row: CommandRow = attrs.asdict(command)  # type: ignore[assignment]
    return row | {"argv": list(command.argv), "environ": dict(command.environ)}
