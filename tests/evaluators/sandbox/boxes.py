"""Keepers of any tier for the tests here: as the user that runs them, as another user, and where a system call is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stagerun_evaluators.keeper.serve import start_argv
from stagerun_evaluators.keeper.wire import PYTHON_ENVIRON, Answer, CommandRow, CompletedRow, Job, Purpose
from stagerun_evaluators.sandbox.choosing import OURS

SOMEBODY = 41_234  # a user that nothing belongs to
ROOT = os.geteuid() == 0
# An ordinary user cannot run a Python that lies in root's home.
SYSTEM_PYTHON = next(
    (path for path in ("/usr/bin/python3.11", "/usr/bin/python3") if Path(path).exists()), sys.executable
)


class Box:
    """One keeper. `user`: run it as an ordinary user (only root can); `before`: a launcher to start it with."""

    def __init__(self, tier: str, *, user: bool = False, before: tuple[str, ...] = (), tmp: str = "/tmp") -> None:
        purpose = Purpose(sandbox=OURS.get(tier, tier), paths=[], site=[], zygote="", reads=[])
        argv = start_argv(purpose)
        if user:
            before = (*before, "setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups")
            argv[0] = SYSTEM_PYTHON
        environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TMPDIR": tmp} | PYTHON_ENVIRON
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [*before, *argv], stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd="/", start_new_session=True
        )
        self.python = argv[0]

    def job(self, *rows: CommandRow, files: Mapping[str, str] | None = None, root: str = "") -> Answer:
        """What the keeper answers; each command runs whatever became of the one before."""
        chains = [[at] for at in range(len(rows))]
        job = Job(files=dict(files or {}), commands=list(rows), chains=chains, given={}, root=root)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.reason()
        answer: Answer = json.loads(line)
        return answer

    def run(self, *argv: str, files: Mapping[str, str] | None = None, **options: Any) -> CompletedRow:
        """How one command ended."""
        row = self.job(command(*argv, **options), files=files)["done"][0]
        assert row is not None
        return row

    def sh(self, script: str, **options: Any) -> CompletedRow:
        """How a shell script ended."""
        return self.run("sh", "-c", script, **options)

    def py(self, script: str, *, files: Mapping[str, str] | None = None, **options: Any) -> CompletedRow:
        """How a Python script ended; only the standard library is there."""
        return self.run(self.python, "-S", "-B", "script.py", files={"script.py": script, **(files or {})}, **options)

    def reason(self) -> str:
        """Why the keeper did not start."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode().strip()

    def close(self) -> None:
        """End it as a judge does."""
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.process.wait(timeout=20)


def command(*argv: str, **options: Any) -> CommandRow:
    """A command as the keeper takes it."""
    row = CommandRow(argv=list(argv), timeout=10.0, memory_mb=256, environ={}, stdin="", files={}, reads=[])
    return row | options  # type: ignore[return-value, operator]


def can_be_somebody() -> bool:
    """Whether tests as an ordinary user are possible: we are root, and there is a Python and our sources that others can read."""
    sources = Path(start_argv.__code__.co_filename)
    readable = all(parent.stat().st_mode & 0o001 for parent in sources.parents)
    return ROOT and readable and shutil.which("setpriv") is not None and sys.executable != SYSTEM_PYTHON
