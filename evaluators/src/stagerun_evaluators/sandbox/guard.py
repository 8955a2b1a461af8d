"""A parent for the keeper where no namespace ends what is below it: whichever of the two is killed, the other clears up.

The keeper's orphans become the parent's, which ends them; the keeper is told by a signal when its parent goes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from stagerun_evaluators.keeper.limits import adopt_orphans
from stagerun_evaluators.keeper.linux import SET_PDEATHSIG, prctl
from stagerun_evaluators.sandbox.tree import children_of


def guarded(clear: Callable[[], None]) -> None:
    """Return in a child, which is the keeper from now on. The parent waits for its end, ends what it left, calls `clear`."""
    adopt_orphans()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        _wait(pid, clear)
    prctl(SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _wait(pid: int, clear: Callable[[], None]) -> NoReturn:
    leave_streams()
    status = 0
    while True:
        ended, how = os.waitpid(-1, 0)
        if ended == pid:
            status = how
            break
    while _left():
        time.sleep(0.001)
    with suppress(OSError):
        clear()
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def leave_streams() -> None:
    """Let the judge's streams end with the keeper, and not with its parent."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)


def _left() -> bool:
    """Kill the children; their own become ours and are next."""
    for child in children_of(os.getpid(), deep=False):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
