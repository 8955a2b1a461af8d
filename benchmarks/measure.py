"""CPU time of commands, taken in alternation so that a busy moment hits all of them alike.

CPU time (user + system, of the command and all children it waited for) and not the wall clock: the machine is shared. What a
command leaves running in the background is not counted; none of those measured here does.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen


@frozen
class Cost:
    """What one run of a command cost, in seconds."""

    cpu: float
    wall: float


@frozen
class Contender:
    """A command to measure. `before` is run ahead of each round and `check` after it, neither is measured."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    environ: Mapping[str, str] = field(factory=dict)
    rounds: int = 11
    before: Callable[[], None] = lambda: None
    check: Callable[[], None] = lambda: None


def run(contender: Contender) -> Cost:
    """Run once, output thrown away; raises RuntimeError when it fails."""
    contender.before()
    environ = {**os.environ, **contender.environ}
    with Path(os.devnull).open("r+b") as null, (contender.cwd / "bench-output.txt").open("w+b") as output:
        started = time.perf_counter()
        pid = _spawn(contender, environ, (null.fileno(), output.fileno(), output.fileno()))
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - started
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            output.seek(0)
            raise RuntimeError(f"{contender.name} ended with {code}: {output.read()[-2000:].decode(errors='replace')}")
    contender.check()
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def _spawn(contender: Contender, environ: Mapping[str, str], streams: tuple[int, int, int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.chdir(contender.cwd)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.execve(contender.argv[0], contender.argv, environ)
    finally:
        os._exit(127)


def alternate(contenders: Sequence[Contender]) -> dict[str, Cost]:
    """Every contender in turn, round after round, each for its own number of rounds; the median of each."""
    taken: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for turn in range(max(contender.rounds for contender in contenders)):
        for contender in contenders:
            if turn < contender.rounds:
                taken[contender.name].append(run(contender))
    return {name: median(costs) for name, costs in taken.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """The median of CPU and of wall time, each by itself."""
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))
