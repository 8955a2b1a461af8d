"""Processes that are forked from one with the libraries loaded, and killed at chosen instants. Linux."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random

from attrs import frozen

TICK = 0.001  # seconds between looks


@frozen
class Shot:
    """When a process is killed: `delay` seconds after its start, or after a checkpoint number `save` was begun."""

    save: int | None
    delay: float


def aim(seconds: float, saves: int, chance: Random) -> Shot:
    """Half of the shots anywhere in the run, half at a save, while it is written or just after."""
    if chance.random() < 0.5:
        return Shot(None, chance.uniform(0, seconds))
    return Shot(chance.randint(1, saves), chance.uniform(0, 0.03))


def forked(act: Callable[[], None], log: Path) -> int:
    """Start a process that acts and ends with 0, or with 1 and its traceback in the log; gives its pid."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        act()
        code = 0
    except BaseException:  # a forked process must never return into its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def finished(act: Callable[[], None], log: Path) -> float:
    """Run to the end; gives the seconds. Raises RuntimeError when it ends badly."""
    started = time.monotonic()
    _, status = os.waitpid(forked(act, log), 0)
    if status:
        raise RuntimeError(f"a trial ended with status {status}: {log.read_text(encoding='utf-8')[-2000:]}")
    return time.monotonic() - started


def shot(act: Callable[[], None], log: Path, checkpoints: Path, when: Shot) -> str:
    """Run and kill; says what the kill found: 'at step N', 'while saving', or 'too late' when it was over."""
    pid, started = forked(act, log), time.monotonic()
    begun, seen = None, set[str]()
    while True:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return "too late"
        seen.update(path.name for path in checkpoints.glob(".step_*"))
        if begun is None and (when.save is None or len(seen) >= when.save):
            begun = started if when.save is None else time.monotonic()
        if begun is not None and time.monotonic() - begun >= when.delay:
            break
        time.sleep(TICK)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if any(checkpoints.glob(".step_*")):
        return "while saving"
    whole = sorted(path.name for path in checkpoints.glob("step_*"))
    return f"after {whole[-1]}" if whole else "before a checkpoint"
