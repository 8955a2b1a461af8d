"""The tier `landlock`, which needs no privileges. What a command may open is a list (Landlock), what it may ask of the kernel
lacks the network and more (seccomp), and the rest is as in `limits`.

A root keeper's commands have a user of their own. Where Python or a tool lies in a folder closed to others, that user keeps the
one capability to read any file, and Landlock's list is what bounds it. A keeper that is not root runs commands as the same
user; then Landlock must be able to keep signals in (version 6), and seccomp forbids what would change a file unopened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from stagerun_evaluators.sandbox import kernel
from stagerun_evaluators.sandbox.base import Limits
from stagerun_evaluators.sandbox.places import DEVICES, ETC, SYSTEM
from stagerun_evaluators.sandbox.seccomp import program

EXECUTE, WRITE, READ, READ_DIR = 1, 2, 4, 8  # linux/landlock.h: LANDLOCK_ACCESS_FS_*
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_BASIC = (1 << 13) - 1
_OF_FILES = EXECUTE | WRITE | READ | _TRUNCATE | _IOCTL
_NET, _SCOPES = 3, 3  # TCP bind and connect; abstract sockets and signals
# What tells of the machine as a whole, and of no process.
_PROC = tuple(
    f"/proc/{name}" for name in ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys", "uptime", "version")
)
_SYS = ("/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage")


class Landlock(Limits):
    """Landlock, seccomp and limits, without any privilege."""

    tier = "landlock"

    def __init__(self) -> None:
        super().__init__()
        self._abi = 0
        self._filter = b""

    def settle(self, reads: Sequence[str]) -> None:
        """Raises OSError where the kernel has no Landlock, or one too old."""
        self._abi = kernel.landlock_abi()
        super().settle(reads)
        least = 2 if self.user is not None else 6
        if self._abi < least:
            raise OSError(
                f"Landlock of version {self._abi}: {least} is needed" + ("" if self.user else " without root")
            )
        self._filter = program(network=False, memfd=self.group is not None, own_files_only=self.user is None)

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        """In the child; the list is made before root is given up, as some of it lies in closed folders."""
        ruleset = self._ruleset(tuple(reads), root)
        self.limit(memory_mb, seconds)
        self.drop([*reads, *self.reads])
        kernel.restrict_self(ruleset)
        kernel.install_filter(self._filter)

    def _ruleset(self, reads: tuple[str, ...], root: str) -> int:
        ruleset = kernel.create_ruleset(*_handled(self._abi))
        allowed = _handled(self._abi)[0]
        for paths, rights in (
            ((*SYSTEM, *ETC, *self.reads, *reads), EXECUTE | READ | READ_DIR),
            ((*_PROC, *_SYS, f"/proc/{os.getpid()}"), READ | READ_DIR),
            (DEVICES, WRITE | READ),
            ((root,), allowed & ~_IOCTL),
        ):
            for path in paths:
                with suppress(FileNotFoundError):
                    _add(ruleset, path, rights)
        return ruleset


@cache
def _handled(abi: int) -> tuple[int, int, int, int]:
    """What is taken away unless given: of files, of the network, scopes; and the size of the structure that says so."""
    fs = _BASIC | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_IOCTL if abi >= 5 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    return fs, _NET if abi >= 4 else 0, _SCOPES if abi >= 6 else 0, size


def _add(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        kernel.add_path(ruleset, rights, descriptor)
    finally:
        os.close(descriptor)
