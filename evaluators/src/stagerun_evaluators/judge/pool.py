"""Where requests go: benches of keepers on this machine. A pool elsewhere has the same two methods and carries the same JSON.

A bench is used by one thread at a time. It has a keeper for each purpose it was asked for, started when first needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from typing import Any, Protocol, cast

from stagerun_evaluators.judge.slot import InfraError, Slot
from stagerun_evaluators.keeper.wire import Ask, Job, Purpose

__all__ = ["Bench", "InfraError", "LocalPool", "Pool"]


class Bench(Protocol):
    """A place to judge at."""

    def request(self, purpose: Purpose, request: Job | Ask) -> Any:
        """The answer of a keeper for that purpose: an Answer to a Job, a list of replies to an Ask. Raises InfraError."""
        ...


class Pool(Protocol):
    """Benches to lease, as many at once as there are `workers`."""

    @property
    def workers(self) -> int:
        """How many may be leased at once."""
        ...

    def lease(self) -> AbstractContextManager[Bench]:
        """A bench of one's own for a while; waits until one is free."""
        ...

    def close(self) -> None:
        """End every keeper."""
        ...


class LocalBench:
    """Keepers of this machine, one for each purpose."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, ...], Slot] = {}

    def request(self, purpose: Purpose, request: Job | Ask) -> Any:
        """Hand it to the keeper for that purpose; one that died is replaced at the next request."""
        key = (purpose["sandbox"], purpose["zygote"], _server(request))
        slot = self._slots.setdefault(key, Slot(purpose))
        return slot.request(request)

    def close(self) -> None:
        """End them."""
        for slot in self._slots.values():
            slot.close()


def _server(request: Job | Ask) -> str:
    """A text for the server that a request is for, as each has a keeper of its own; empty for a job."""
    if "texts" not in request:
        return ""
    command = cast("Ask", request)["command"]
    return repr((command["argv"], sorted(command["environ"].items()), command["reads"], command["memory_mb"]))


class LocalPool:
    """Benches on this machine."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._benches: Sequence[LocalBench] = [LocalBench() for _ in range(workers)]
        self._free: SimpleQueue[LocalBench] = SimpleQueue()
        for bench in self._benches:
            self._free.put(bench)

    @contextmanager
    def lease(self) -> Iterator[Bench]:
        """A free bench; waits for one."""
        bench = self._free.get()
        try:
            yield bench
        finally:
            self._free.put(bench)

    def close(self) -> None:
        """End every keeper and what it runs."""
        for bench in self._benches:
            bench.close()
