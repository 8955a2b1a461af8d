"""Processes below a process and what they use, from /proc; elsewhere than on Linux there is nothing to tell.

`folder` is a /proc that shows them under the numbers given.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def children_of(pid: int, *, deep: bool = True, folder: Path = _PROC) -> list[int]:
    """Children, and theirs, of every thread of a process."""
    found: list[int] = []
    stack = [pid]
    while stack:
        for listed in (folder / str(stack.pop()) / "task").glob("*/children"):
            with suppress(OSError):
                found += (new := [int(word) for word in listed.read_text(encoding="ascii").split()])
                stack += new if deep else []
    return found


def memory_of(pids: Iterable[int], folder: Path = _PROC) -> int:
    """Bytes of their own that processes use together. What forks share with the keeper is counted once, by looking closer."""
    pids = list(pids)
    return sum(_proportional(pid, folder) for pid in pids)


def rough_memory_of(pids: Iterable[int], folder: Path = _PROC) -> int:
    """The same, quicker and never too little: shared pages are counted as often as they are used."""
    return sum(_field(folder / str(pid) / "status", ("RssAnon:", "RssShmem:")) for pid in pids)


def _proportional(pid: int, folder: Path) -> int:
    return _field(folder / str(pid) / "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))


def _field(path: Path, names: tuple[str, ...]) -> int:
    total = 0
    with suppress(OSError, ValueError, IndexError):
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(names):
                total += int(line.split()[1]) << 10
    return total


def cpu_of(pid: int, folder: Path = _PROC) -> float:
    """CPU seconds of a process and its ended children so far; 0 when it is gone or the system cannot tell."""
    try:
        fields = (folder / str(pid) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
