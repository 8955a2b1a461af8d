"""Watch one command: read all it writes, end it when its time is up, tell how it ended, leave nothing running.

Time is counted in CPU seconds (RLIMIT_CPU), so that a busy machine does not turn right answers into timeouts; the wall clock
ends what sleeps, after `WALL` times as long.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from contextlib import suppress
from pathlib import Path

from stagerun_evaluators.keeper.user import User, become
from stagerun_evaluators.keeper.wire import CommandRow, CompletedRow

WALL = 3.0
KEPT = 32 * 1024  # bytes of output kept from either end
KEPT_OF_REPORT = 1024 * 1024  # a report is of use only when whole
DRAIN = 1.0  # seconds to wait for the last output once everything was killed
JUDGE = 0  # the keeper's own stdin: anything there while a command runs means that the judge has gone


class JudgeGone(Exception):
    """The judge closed its end; what is running was ended."""


class Output:
    """What a command wrote to one stream: all of it counted, its head and tail kept."""

    def __init__(self, kept: int) -> None:
        self.kept, self.total, self._head, self._tail = kept, 0, bytearray(), bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.total += len(data)
        room = self.kept - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 4 * self.kept:
            del self._tail[: -self.kept]

    def text(self) -> str:
        """Head and tail, with a line in between that says how much is missing."""
        tail = self._tail[-self.kept :]
        missing = self.total - len(self._head) - len(tail)
        gap = f"\n[... {missing} bytes left out ...]\n".encode() if missing else b""
        return (bytes(self._head) + gap + bytes(tail)).decode("utf-8", "replace")


class Watch:
    """The running command. `wake` is a descriptor that becomes readable whenever a child changes state."""

    def __init__(self, pid: int, row: CommandRow, wake: int, user: User | None) -> None:
        self.pid, self.row, self.user, self.wake = pid, row, user, wake
        self.started = time.monotonic()
        self.status: int | None = None
        self.cpu = 0.0
        self.selector = selectors.DefaultSelector()
        self.selector.register(wake, selectors.EVENT_READ)
        self.selector.register(JUDGE, selectors.EVENT_READ)

    def follow(self, streams: dict[str, int]) -> CompletedRow:
        """Read the named streams until the command has ended; raises JudgeGone when the judge has."""
        outputs = {at: Output(KEPT_OF_REPORT if name == "report" else KEPT) for name, at in streams.items()}
        for descriptor in outputs:
            self.selector.register(descriptor, selectors.EVENT_READ)
        deadline = self.started + WALL * self.row["timeout"]
        try:
            while self.status is None and (left := deadline - time.monotonic()) > 0:
                self._turn(outputs, left)
        finally:
            late = self.status is None
            self._end()
        self._drain(outputs)
        return self._completed({name: outputs[at].text() for name, at in streams.items()}, late)

    def _turn(self, outputs: dict[int, Output], wait: float) -> None:
        for key, _ in self.selector.select(wait):
            if key.fd == self.wake:
                os.read(self.wake, 4096)
                self._reap()
            elif key.fd == JUDGE:
                raise JudgeGone
            elif data := os.read(key.fd, 65536):
                outputs[key.fd].feed(data)
            else:
                self.selector.unregister(key.fd)

    def _reap(self) -> None:
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.status, self.cpu = status, usage.ru_utime + usage.ru_stime

    def _end(self) -> None:
        """Kill the command and all below it; on return no child is left (orphans count as children: adopt_orphans)."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            _, self.status, usage = os.wait4(self.pid, 0)
            self.cpu = usage.ru_utime + usage.ru_stime
        signal_group(self.pid)
        while not _all_reaped():
            kill_user(self.user) if self.user is not None else kill_children()
            time.sleep(0.001)

    def _drain(self, outputs: dict[int, Output]) -> None:
        """Read what is left in the pipes; everybody who could write is dead."""
        self.selector.unregister(self.wake)
        self.selector.unregister(JUDGE)
        deadline = time.monotonic() + DRAIN
        while self.selector.get_map() and time.monotonic() < deadline:
            self._turn(outputs, DRAIN)
        self.selector.close()

    def _completed(self, texts: dict[str, str], late: bool) -> CompletedRow:
        status = self.status if self.status is not None else 0
        by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        spent = by == signal.SIGXCPU or self.cpu >= self.row["timeout"]  # also what its children took together
        timed_out = late or spent
        return CompletedRow(
            returncode=None if timed_out else os.waitstatus_to_exitcode(status),
            stdout=texts["stdout"],
            stderr=texts["stderr"],
            report=texts["report"],
            timed_out=timed_out,
            out_of_memory=by == signal.SIGKILL and not timed_out,  # nobody else kills: the kernel was out of memory
            seconds=round(time.monotonic() - self.started, 4),
            cpu=round(self.cpu, 4),
        )


def signal_group(group: int) -> None:
    """Kill a process group, if anything is left of it."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(group, signal.SIGKILL)


def _all_reaped() -> bool:
    """Collect dead children; True when there is no child at all."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def kill_children() -> None:
    """Kill every direct child; its own children become ours and are next."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in children.read_text(encoding="ascii").split():
        os.kill(int(pid), signal.SIGKILL)


def kill_user(user: User) -> None:
    """Kill every process of that user in one stroke, which no fork can outrun (kill(2) with pid -1)."""
    child = os.fork()
    if child == 0:
        try:
            become(user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
