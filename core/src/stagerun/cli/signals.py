"""Signals ask a run to stop; they never end it in the middle. The second one is harder than the first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stoppable(Protocol):
    """What a signal is passed on to."""

    def stop(self) -> None:
        """Stop soon; at the second call, at once."""
        ...


class Tellable(Protocol):
    """Where the person is told."""

    def stopping(self, text: str) -> None:
        """Say so."""
        ...


@contextmanager
def passed_on(engine: Stoppable, display: Tellable) -> Iterator[None]:
    """While the block runs, these signals stop the engine. One that is ignored, as SIGHUP under nohup, stays ignored."""
    times = 0

    def handle(number: int, _: FrameType | None) -> None:
        nonlocal times
        times += 1
        name = signal.Signals(number).name
        engine.stop()
        display.stopping(_words(name, times))

    before = {number: signal.getsignal(number) for number in STOPPING}
    for number, was in before.items():
        if was is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _words(name: str, times: int) -> str:
    if times == 1:
        return f"{name}: stopping when the stages have saved; once more to end them at once"
    return f"{name} again: ending the stages at once"
