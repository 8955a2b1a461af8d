"""What the judge and a keeper say to each other: one JSON object a line, a request there, its answer back.

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


class Purpose(TypedDict):
    """What a keeper is for, told once on its command line. At most one of `zygote` and `service`."""

    sandbox: str  # module:Class
    paths: list[str]  # folders to import the sandbox from
    site: list[
        str
    ]  # site-packages of the judge's interpreter, for zygotes to add to sys.path: os.environ["STAGERUN_SITE"]
    zygote: str  # a script whose prepare() runs at start and whose main() runs in every fork
    reads: list[str]  # what its commands may read, beyond what each says


class CommandRow(TypedDict):
    """A `contracts.Command` as JSON; placeholders for seeds are filled in, `{root}` is not."""

    argv: list[str]
    timeout: float
    memory_mb: int
    environ: dict[str, str]
    stdin: str
    files: dict[str, str]
    reads: list[str]


class Job(TypedDict):
    """Files to lay out in a fresh folder, and the commands to run there.

    `chains` are positions in `commands`, run in order; a command of an earlier chain is not run again, one that exits with
    another code than 0 ends its chain, a timeout ends the job. `given` are outcomes known already, and files that come with
    them. `root`, when not empty, is the folder to work in; it must be empty and is left there.
    """

    files: dict[str, str]
    commands: list[CommandRow]
    chains: list[list[int]]
    given: dict[str, Reply]
    root: str


class CompletedRow(TypedDict):
    """A `contracts.Completed` as JSON."""

    returncode: int | None
    stdout: str
    stderr: str
    report: str
    timed_out: bool
    out_of_memory: bool
    seconds: float
    cpu: float


class Reply(TypedDict):
    """What a server said to one text, as a command's outcome, and files to lay for what follows."""

    done: CompletedRow
    files: dict[str, str]


class Answer(TypedDict):
    """How each command ended, None for one that was not run, and which laid-out files were changed meanwhile."""

    done: list[CompletedRow | None]
    changed: list[str]


class Ask(TypedDict):
    """Texts for a server that `command` starts (its `stdin` is not used). Answered by a list of replies."""

    command: CommandRow
    texts: list[str]
