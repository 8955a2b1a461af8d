"""Three threads that share nothing a candidate could take hold of.

The *main* thread runs what may run the candidate's code: its modules, the tests, fixtures. Its stack holds no more than the call.
The *lane of tests* runs pytest, and hands calls to the main thread. The *reporter* signs what came of them and writes it.

Frames lead from a callee to its callers (`f_back`), so what decides a verdict must not be below a candidate on its stack. What
connects the threads are queues, and they are moved by C code only (`map`, `deque`), which has no frames and no locals to read.
"""

from __future__ import annotations

import _thread
import os
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from . import seal

Call = Callable[[], Any]
Outcome = tuple[str, Any]  # ok RESULT, failed WHY, skipped WHY, memory WHY
Dispatch = Callable[[Call], Outcome]
Lines = Callable[[Dispatch], Iterator[str]]
REPORT_FD = 3


_sealed: list[seal.Prepared] = []


def prepare() -> None:
    """Read what is to be sealed."""
    _sealed.append(seal.prepared(Path(__file__).with_name("sealed.py")))


def run(nonce: str, lines: Lines) -> None:
    """Report the lines; `lines` is iterated in the lane of tests and may dispatch calls to this thread, the main one."""
    calls: SimpleQueue[Call | None] = SimpleQueue()
    answers: SimpleQueue[Outcome] = SimpleQueue()
    said: SimpleQueue[str] = SimpleQueue()
    sealed = _sealed[0]({"CALL": calls.put, "ANSWER": answers.get})
    _thread.start_new_thread(sealed["report"], (nonce, said.get, partial(calls.put, None)))
    _thread.start_new_thread(deque, (map(said.put, sealed["whole"](lines(sealed["dispatch"]))), 0))
    box = [map(answers.put, map(sealed["attempt"], iter(calls.get, None)))]
    del calls, answers, said, sealed, lines, nonce
    deque(box.pop(), 0)  # not in a variable: a `map` tells what it is made of
    os._exit(0)
