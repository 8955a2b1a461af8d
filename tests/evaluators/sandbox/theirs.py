"""Isolations as a stranger would write them: a launcher, and one that confines the forked process itself."""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence


class Launcher:
    """Starts commands through env(1), which leaves a mark."""

    forks = False

    def wrap(
        self, argv: Sequence[str], *, root: str, reads: Sequence[str], memory_mb: int, seconds: int
    ) -> Sequence[str]:
        return ["env", f"LAUNCHED={root}", *argv]

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        """Nothing to do."""


class InProcess:
    """Takes away all but a few descriptors."""

    forks = True

    def wrap(
        self, argv: Sequence[str], *, root: str, reads: Sequence[str], memory_mb: int, seconds: int
    ) -> Sequence[str]:
        return argv

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))


class Refused(InProcess):
    """Is not to be had."""

    def __init__(self) -> None:
        raise OSError("this machine has no such thing")


class Broken(InProcess):
    """Fails in every child."""

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        raise OSError(f"cannot confine below {os.path.basename(root)}")  # noqa: PTH119
