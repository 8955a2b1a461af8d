"""Memory of a keeper and all below it, counted and capped by the kernel, where a cgroup (v1 or v2) can be made.

The keeper moves itself into a group of its own, as moving every command would cost milliseconds each; the limit then counts the
keeper too, which is small beside it, and the kernel is told to end commands rather than the keeper. Where there is no
such group, `usage` of the tier is looked at from time to time instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_PREFIX = "stagerun-"
_NEW = 5.0  # seconds
_ROOT = Path("/sys/fs/cgroup")
_V1 = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control")
_V2 = ("memory.max", "memory.swap.max", "memory.events")


class Group:
    """A memory cgroup that this process is in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._limit, self._swap, self._events = _V1 if (folder / _V1[0]).exists() else _V2
        self._set = 0

    def limit(self, size: int) -> None:
        """Cap what everybody below uses together, in bytes; memory and swap."""
        if size == self._set:
            return
        both = [self._limit, self._swap] if size < self._set or not self._set else [self._swap, self._limit]
        if self._swap == _V2[1]:
            with suppress(OSError):
                (self.folder / self._swap).write_text("0")
            both = [self._limit]
        for name in both:
            with suppress(FileNotFoundError):  # memory and swap are counted together only where the kernel was built so
                (self.folder / name).write_text(str(size))
        self._set = size

    def kills(self) -> int:
        """How many processes were killed for going above it so far."""
        for line in (self.folder / self._events).read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
        return 0

    def leave(self) -> None:
        """Go back to the group above and remove this one; left for the next keeper to remove when somebody is still in it."""
        with suppress(OSError):
            (self.folder.parent / "cgroup.procs").write_text("0")
            self.folder.rmdir()


def new_name() -> str:
    """A name for a group, known before it is made, so that a parent can remove what its child made."""
    return f"{_PREFIX}{os.getpid()}-{time.monotonic_ns()}"


def join(name: str, parents: Sequence[Path]) -> Group | None:
    """Move this process into a new group; None where that cannot be done."""
    for parent in parents:
        clear(parent)
        with suppress(OSError):
            return _made(parent / name)
    return None


def remove(name: str, parents: Sequence[Path]) -> None:
    """Remove the group of that name that a child of ours made."""
    for parent in parents:
        with suppress(OSError):
            (parent / name).rmdir()


def clear(parent: Path) -> None:
    """Remove groups that keepers left which were killed: only an empty one can be removed, and a new one is about to be used."""
    for left in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _NEW:
                left.rmdir()


def _made(folder: Path) -> Group:
    folder.mkdir()
    try:
        if not any((folder / name).exists() for name in (_V1[0], _V2[0])):
            raise OSError("no memory is counted here")
        (folder / "cgroup.procs").write_text("0")
    except OSError:
        folder.rmdir()
        raise
    return Group(folder)


def parents() -> Iterator[Path]:
    """Where a group of ours may be: below our own; in v2, where only groups without processes have such, beside it."""
    lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines() if os.path.isdir(_ROOT) else []  # noqa: PTH112
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield _ROOT / "memory" / path.lstrip("/")
        elif not controllers:
            for place in (_ROOT, _ROOT / "unified"):
                yield place / path.lstrip("/")
                yield (place / path.lstrip("/")).parent
