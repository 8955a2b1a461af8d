"""What a child gives up before untrusted code runs in it: resources, and its way to outlive the keeper.

Runs in a forked child of a single-threaded process, so plain Python is safe here. What a system lacks is left out
(macOS has no RLIMIT_NPROC of use, no subreaper and does not enforce RLIMIT_DATA).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

from stagerun_evaluators.keeper.linux import SET_CHILD_SUBREAPER, SET_PDEATHSIG, prctl
from stagerun_evaluators.keeper.user import User

PROCESSES = 128  # processes and threads of one candidate
FILE_MB = 64
OPEN_FILES = 256
GRACE = 1  # CPU seconds between SIGXCPU and SIGKILL


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it."""
    prctl(SET_CHILD_SUBREAPER, 1)


def _lower(which: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the one already in force (a container may have lowered the hard one)."""
    ceiling = resource.getrlimit(which)[1]
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), min(wanted[1], ceiling))
    resource.setrlimit(which, wanted)


def set_limits(cpu_seconds: int, memory_mb: int, user: User | None, others: int | None = None) -> None:
    """Limit this process and what it starts. Memory is data (RLIMIT_DATA): RLIMIT_AS breaks node and Go.

    `others`: how many processes are counted beside; found out when None.
    """
    _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + GRACE)
    _lower(resource.RLIMIT_DATA, memory_mb << 20)
    _lower(resource.RLIMIT_FSIZE, FILE_MB << 20)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        if others is None:
            others = _processes_of(os.getuid()) if user is None else 0
        _lower(resource.RLIMIT_NPROC, PROCESSES + others)


def _processes_of(user: int) -> int:
    """How many threads that user already has: RLIMIT_NPROC counts them all."""
    count = 0
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and process.stat().st_uid == user:
                count += sum(1 for _ in (process / "task").iterdir())
        except OSError:  # it ended meanwhile
            continue
    return count


def die_with_parent(parent: int) -> None:
    """Ask to be killed when the keeper is. A change of user takes the wish back, so this comes after it."""
    prctl(SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
