"""Runs a function over many items in several processes, in order, with little more handed out than is being worked on.

The processes are forked on Linux, so that a tokenizer of 200,000 words is not sent to each of them; elsewhere they are
started afresh. Not covered: whether it pays; the caller says from how many items on it does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any

from stagerun import StageError

THREADS = "TOKENIZERS_PARALLELISM"  # the tokenizers library has threads of its own, which do not survive a fork

Work = Callable[[list[Any]], list[Any]]
_work: list[Work] = []  # of a process that was started here


def usable(threads: int | None) -> int:
    """How many processes may compute at once: what the backend's policy says, else the processors we may use."""
    if threads:
        return threads
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def in_order(work: Work, items: Iterable[Any], *, size: int, alone: int, processes: int) -> Iterator[Any]:
    """What `work` gives for the items, `size` of them at a time; for the first `alone` of them in this process.

    Raises StageError when a process dies.
    """
    chunks = _chunks(items, size)
    if processes < 2:
        yield from (each for chunk in chunks for each in work(chunk))
        return
    with _one_thread_each():
        for chunk in islice(chunks, alone // size):
            yield from work(chunk)
        yield from _side_by_side(work, chunks, processes)


def _side_by_side(work: Work, chunks: Iterable[list[Any]], processes: int) -> Iterator[Any]:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(processes, context, _begin, (work, os.getpid()))  # starts none before there is a chunk
    try:
        yield from _collected(pool, chunks, 2 * processes)
    except BrokenProcessPool as error:
        raise StageError("a process that turns rows into tokens died", "is memory short?") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _collected(pool: ProcessPoolExecutor, chunks: Iterable[list[Any]], ahead: int) -> Iterator[Any]:
    waiting: deque[Any] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_do, chunk))
        if len(waiting) > ahead:
            yield from waiting.popleft().result()
    for each in waiting:
        yield from each.result()


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "false"
    try:
        yield
    finally:
        os.environ.pop(THREADS)
        if before is not None:
            os.environ[THREADS] = before


def _begin(work: Work, parent: int) -> None:
    """In a new process, which must not outlive its parent."""
    _work.append(work)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _do(chunk: list[Any]) -> list[Any]:
    return _work[0](chunk)
