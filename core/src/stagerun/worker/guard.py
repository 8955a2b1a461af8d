"""Makes sure that nothing of a stage outlives the engine, whatever state the stage's own process is in.

A small forked twin waits for the control pipe to close, which the system does when the engine dies in any way, and then kills
the whole process group: trainer, data loaders, shell commands. It cannot help against a process that left the group.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress


def start_guard(control: int) -> int:
    """Fork the guard of this process group; returns its pid. `control` is the pipe whose other end the engine holds."""
    pid = os.fork()
    if pid == 0:
        try:
            _watch(control)
        finally:
            os._exit(1)
    return pid


def stop_guard(pid: int) -> None:
    """End the guard of a worker that finished in order."""
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _watch(control: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    highest = 256
    os.closerange(0, control)
    os.closerange(control + 1, highest)  # the event pipe among them, or the engine would never see it close
    poller = select.poll()
    poller.register(control, 0)  # nothing is read: only the hang-up matters
    while not poller.poll():
        pass
    os.killpg(0, signal.SIGKILL)
