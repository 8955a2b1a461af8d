"""A server below the keeper: started when first asked, asked one line at a time, replaced when it dies or is late.

A batch that fails is asked again text by text, so that only the text that is to blame answers for it: it is alone, in a fresh
server, when its outcome is made. Time is CPU seconds of the server for each text. A fresh one is asked nothing first, an empty
list, so that its start counts for nobody.
"""

from __future__ import annotations

import json
import os
import selectors
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from stagerun_evaluators.keeper.watch import WALL, JudgeGone
from stagerun_evaluators.keeper.wire import Ask, CompletedRow, Reply
from stagerun_evaluators.sandbox.tree import cpu_of

START = 20.0  # CPU seconds for a server to get ready
LONGEST = 64 << 20  # bytes of an answer
TICK = 0.2  # seconds between looks at the server's CPU time
JUDGE = 0


class Running(NamedTuple):
    """A started server: its process as the keeper sees it, its standard input and output, and how to end it."""

    pid: int
    stdin: int
    stdout: int
    end: Callable[[], bool]  # True when it was ended for its memory


class Late(Exception):
    """The server did not answer in its time, or is gone; `oom` and `late` say how."""

    def __init__(self, *, late: bool, oom: bool = False) -> None:
        self.late, self.oom = late, oom


class Server:
    """The one server of a keeper. `start` makes a new one."""

    def __init__(self, start: Callable[[Ask], Running]) -> None:
        self._start = start
        self._running: Running | None = None
        self._asked = 0

    def ask(self, ask: Ask) -> list[Reply]:
        """A reply to every text, in order."""
        try:
            return self._try(ask, ask["texts"])
        except Late:
            return [self._alone(ask, text) for text in ask["texts"]]

    def _alone(self, ask: Ask, text: str) -> Reply:
        for _ in range(2):
            fresh = self._running is None
            try:
                return self._try(ask, [text])[0]
            except Late as late:
                if fresh:
                    return _reply(late)
        raise AssertionError("unreachable: the second server is fresh")

    def _try(self, ask: Ask, texts: list[str]) -> list[Reply]:
        running = self._running or self._ready(ask)
        started, before = time.monotonic(), cpu_of(running.pid)
        try:
            line = _exchange(running, json.dumps(texts).encode() + b"\n", ask["command"]["timeout"] * len(texts))
            said = json.loads(line)
            if not isinstance(said, list) or len(said) != len(texts):
                raise Late(late=False)
            spent = (cpu_of(running.pid) - before) / len(texts)
            return [_said(one, (time.monotonic() - started) / len(texts), max(spent, 0.0)) for one in said]
        except (Late, ValueError, OSError) as error:
            oom = self.close()
            late = error.late if isinstance(error, Late) else False
            raise Late(late=late, oom=oom) from error

    def _ready(self, ask: Ask) -> Running:
        running = self._running = self._start(ask)
        try:
            _exchange(running, b"[]\n", START)
        except (Late, OSError) as error:
            raise Late(late=False, oom=self.close()) from error
        return running

    def close(self) -> bool:
        """End the server; True when it was out of memory."""
        running, self._running = self._running, None
        if running is None:
            return False
        for stream in (running.stdin, running.stdout):
            with suppress(OSError):
                os.close(stream)
        return running.end()


def _exchange(running: Running, data: bytes, allowed: float) -> bytes:
    """Write the line and read one; raises Late. Both at once, as a server may answer before it has read all."""
    os.set_blocking(running.stdin, False)
    answer, rest = bytearray(), memoryview(data)
    cpu, deadline = cpu_of(running.pid) + allowed, time.monotonic() + WALL * allowed
    with selectors.DefaultSelector() as selector:
        selector.register(running.stdout, selectors.EVENT_READ)
        selector.register(running.stdin, selectors.EVENT_WRITE)
        selector.register(JUDGE, selectors.EVENT_READ)
        while not answer.endswith(b"\n"):
            for key, _ in selector.select(TICK):
                if key.fd == JUDGE:
                    raise JudgeGone
                if key.fd == running.stdin:
                    rest = rest[os.write(running.stdin, rest[:65536]) :]
                    if not rest:
                        selector.unregister(running.stdin)
                    continue
                piece = os.read(running.stdout, 1 << 16)
                if not piece or len(answer) > LONGEST:
                    raise Late(late=False)
                answer += piece
            if time.monotonic() > deadline or cpu_of(running.pid) > cpu:
                raise Late(late=True)
    return bytes(answer)


def _said(row: object, seconds: float, cpu: float) -> Reply:
    if not isinstance(row, dict) or not isinstance(row.get("files", {}), dict):
        raise Late(late=False)
    text = row.get("stdout", "")
    return Reply(done=_completed(str(text), 0, seconds=seconds, cpu=cpu), files=dict(row.get("files", {})))


def _reply(late: Late) -> Reply:
    done = _completed("", None if late.late else -9, timed_out=late.late, out_of_memory=late.oom)
    return Reply(done=done, files={})


def _completed(
    stdout: str,
    returncode: int | None,
    *,
    timed_out: bool = False,
    out_of_memory: bool = False,
    seconds: float = 0.0,
    cpu: float = 0.0,
) -> CompletedRow:
    return CompletedRow(
        returncode=returncode,
        stdout=stdout,
        stderr="",
        report="",
        timed_out=timed_out,
        out_of_memory=out_of_memory,
        seconds=round(seconds, 4),
        cpu=round(cpu, 4),
    )
