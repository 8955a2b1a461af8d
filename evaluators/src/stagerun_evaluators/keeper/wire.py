"""What the judge and a keeper say to each other: one JSON object a line, a job there, its answer back.

No framing beyond the line, no versions: both ends always come from the same installed package.
"""

from __future__ import annotations

import sys
from typing import TypedDict

REPORT_FD = 3  # the private channel of a command: what is written there becomes `Completed.report`

# The flags every judged Python runs with: no site-packages, no user's folder, no folder of the script on sys.path, no
# .pyc files (a stale one with the right size and time gives another candidate's verdict). -I and -E are not among them:
# they would ignore PYTHONHASHSEED, and a verdict must not depend on the order of a set.
PYTHON = (sys.executable, "-P", "-s", "-S", "-B")
PYTHON_ENVIRON = {"PYTHONHASHSEED": "0"}


class CommandRow(TypedDict):
    """A `contracts.Command` as JSON."""

    argv: list[str]
    timeout: float
    memory_mb: int
    environ: dict[str, str]
    stdin: str


class Job(TypedDict):
    """Files to lay out in a fresh folder, and the commands to run there in order."""

    files: dict[str, str]
    commands: list[CommandRow]


class CompletedRow(TypedDict):
    """A `contracts.Completed` as JSON."""

    returncode: int | None
    stdout: str
    stderr: str
    report: str
    timed_out: bool
    out_of_memory: bool
    seconds: float


class Answer(TypedDict):
    """How the commands ended, as far as they were run, and which laid-out files were changed meanwhile."""

    done: list[CompletedRow]
    changed: list[str]
