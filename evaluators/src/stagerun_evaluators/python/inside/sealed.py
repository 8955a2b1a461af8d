"""The few functions that carry a verdict: what runs a call, what asks for one, what signs a report. Loaded sealed, see `seal`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import SkipTest

from _pytest.outcomes import Skipped, XFailed

CALL: Callable[[object], None]
ANSWER: Callable[[], tuple[str, Any]]

REPORT_FD = 3
LONGEST = 300  # characters of a reason
WRITE = os.write
SKIPPED = (Skipped, SkipTest)


def attempt(call: Callable[[], Any]) -> tuple[str, Any]:
    """Call it; nothing that can be raised gets past. Every outcome is a constant or made from what was raised."""
    try:
        return ("ok", call())
    except MemoryError as error:
        return ("memory", why(error))
    except SKIPPED as error:
        return ("skipped", why(error))
    except XFailed as error:
        return ("skipped", why(error))
    except BaseException as error:
        return ("failed", why(error))


def why(error: BaseException) -> str:
    """One line of plain ASCII; the error's own words may be the candidate's code."""
    try:
        text = str(error)
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    except BaseException:
        text = "an error that cannot be shown"
    return ascii(text)[1:-1][:LONGEST]


def dispatch(call: Callable[[], Any]) -> tuple[str, Any]:
    """Have the main thread call it."""
    CALL(call)
    return ANSWER()


def report(nonce: str, get: Callable[[], str], done: Callable[[], None]) -> None:
    """Sign lines and write them, all at once, when the last one has come."""
    text, line = "", ""
    while line != "end":
        line = get()
        text += f"{nonce} {line}\n"
    data = text.encode()
    try:
        while data:
            data = data[WRITE(REPORT_FD, data) :]
    except OSError:  # somebody closed it: there is no report
        pass
    done()


def whole(lines: Iterator[str]) -> Iterator[str]:
    """The lines, and the last one, whatever happens."""
    try:
        yield from lines
    except BaseException as error:
        yield f"broken {why(error)}"
    yield "end"
