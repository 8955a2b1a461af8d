"""Watch one command: read all it writes, end it when its time is up, tell how it ended, leave nothing running.

Time is counted in CPU seconds (RLIMIT_CPU), so that a busy machine does not turn right answers into timeouts. The clock on the
wall ends what sleeps, after `WALL` times as long; what has been computing meanwhile, and had to share, may go on.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from contextlib import suppress

from stagerun_evaluators.keeper.wire import CommandRow, CompletedRow
from stagerun_evaluators.sandbox.base import LOOK, TMP_FILES, TMP_MB, Limits
from stagerun_evaluators.sandbox.tree import cpu_of

WALL = 3.0
BUSY, LONGEST = 0.05, 30.0  # the share of a processor that is not sleeping; times as long as that may go on
SLICE = 0.5  # seconds more at a time
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

    def __init__(self, pid: int, row: CommandRow, wake: int, box: Limits) -> None:
        self.pid, self.row, self.box, self.wake = pid, row, box, wake
        self.started = time.monotonic()
        self.status: int | None = None
        self.cpu = 0.0
        self.over = ""  # what there was too much of: memory or files
        self.look = self.started + LOOK
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
            while self.status is None and not self.over and (now := time.monotonic()) < deadline:
                self._turn(outputs, max(min(deadline, self.look) - now, 0.0))
                self._look()
                if time.monotonic() >= deadline and self._computes():
                    deadline += SLICE
        finally:
            late = self.status is None and not self.over
            self._end()
        self._drain(outputs)
        return self._completed({name: outputs[at].text() for name, at in streams.items()}, late)

    def _computes(self) -> bool:
        """Whether it is late only because others were given the processor."""
        waited = time.monotonic() - self.started
        used = sum(cpu_of(pid, self.box.proc) for pid in self.box.processes())
        return waited < LONGEST * self.row["timeout"] and BUSY * waited <= used < self.row["timeout"]

    def _look(self) -> None:
        """Look, now and then, at what the kernel does not cap by itself; the more seldom the longer it takes."""
        before = time.monotonic()
        if before < self.look:
            return
        if self.box.heavy(self.row["memory_mb"]):
            self.over = "memory"
        elif not self.box.capped and self.box.overflows():
            self.over = "files"
        after = time.monotonic()
        self.look = after + min(max(LOOK, 5 * (after - before)), 2.0)

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
        """Kill the command and all below it; on return nothing of it is running."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            _, self.status, usage = os.wait4(self.pid, 0)
            self.cpu = usage.ru_utime + usage.ru_stime
        signal_group(self.pid)
        self.box.kill()

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
        killed = by == signal.SIGKILL and not timed_out and self.over != "files"  # nobody else kills: for its memory
        full = f"ended: more than {TMP_MB} MB or {TMP_FILES} files in its folder\n" if self.over == "files" else ""
        return CompletedRow(
            returncode=None if timed_out else os.waitstatus_to_exitcode(status),
            stdout=texts["stdout"],
            stderr=texts["stderr"] + full,
            report=texts["report"],
            timed_out=timed_out,
            out_of_memory=not timed_out and (killed or self.box.out_of_memory()),
            seconds=round(time.monotonic() - self.started, 4),
            cpu=round(self.cpu, 4),
        )


def signal_group(group: int) -> None:
    """Kill a process group, if anything is left of it."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(group, signal.SIGKILL)


def not_run(why: str) -> CompletedRow:
    """The outcome of a command that could not be started, for a reason that is the candidate's."""
    return CompletedRow(
        returncode=127, stdout="", stderr=why, report="", timed_out=False, out_of_memory=False, seconds=0.0, cpu=0.0
    )
