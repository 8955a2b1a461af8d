"""Judges answers while the trainer still works: one stream of the judge for all answers of a generation, fed as they end.

A thread takes candidates from a queue and hands them to `judge.stream`; the trainer goes on generating, or computes its
log-probabilities, and collects when it needs the rewards. What the judge says does not depend on when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from threading import Thread

from stagerun import Candidate, Judgement
from stagerun.contracts import Judge

Offered = tuple[int, Candidate] | None  # None: no more will come


class Round:
    """The answers of one generation under judgement, each at a place of the caller's."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._queue: SimpleQueue[Offered] = SimpleQueue()
        self._found: dict[int, Judgement] = {}
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="judging ahead", daemon=True)
        self._thread.start()

    def offer(self, place: int, candidate: Candidate) -> None:
        """Have it judged; returns at once."""
        self._queue.put((place, candidate))

    def results(self) -> Mapping[int, Judgement]:
        """Wait for all that were offered; raises what the judge raised."""
        self.abandon()
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found

    def abandon(self) -> None:
        """Nothing more will be offered, and nobody needs to wait."""
        self._queue.put(None)

    def _run(self) -> None:
        places: list[int] = []

        def candidates() -> Iterator[Candidate]:
            while (offered := self._queue.get()) is not None:
                places.append(offered[0])
                yield offered[1]

        try:
            for position, judgement in self._judge.stream(candidates()):
                self._found[places[position]] = judgement
        except BaseException as error:  # the trainer's thread raises it
            self._error = error
