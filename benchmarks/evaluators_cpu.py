"""Processor time of this process and everything below it, processes that still live included.

`os.times()` alone would miss them: a judge keeps its keepers, servers and zygotes. What a process has used is read from
/proc/PID/stat (its own time and that of the children it waited for), in ticks of 10 ms, so that a difference is only good over
many commands. Not seen: a child whose parent ignores SIGCHLD, as nobody waits for it. Linux only.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define

TICK = 1 / os.sysconf("SC_CLK_TCK")


@define
class Spent:
    """Seconds between the beginning and the end of a block: of processor time, and by the clock."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def measured() -> Iterator[Spent]:
    """What this process and all below it use in the block; filled in at its end. Right to some ticks for each process."""
    spent, below, own, started = Spent(), below_now(), own_now(), time.perf_counter()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - started, own_now() - own
    spent.cpu += below_now() - below


@contextmanager
def measured_children() -> Iterator[Spent]:
    """What this process and the children that end in the block use, to the microsecond; those that live on are not seen."""
    spent, own, started = Spent(), own_now(), time.perf_counter()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - started, own_now() - own


def own_now() -> float:
    """Seconds that this process and those of its children that have ended used so far."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def below_now() -> float:
    """Seconds that the living processes below this one, and what they have waited for, used so far."""
    return sum(used for _, used in _below(os.getpid()))


def _below(ancestor: int) -> Iterable[tuple[int, float]]:
    """Process ids below one, with what each has used; the ancestor itself is not among them."""
    children: dict[int, list[tuple[int, float]]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):  # it ended meanwhile
            fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            used = sum(map(int, fields[11:15])) * TICK
            children.setdefault(int(fields[1]), []).append((int(process.name), used))
    waiting = [ancestor]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            waiting.append(child[0])
            yield child
