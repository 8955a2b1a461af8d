"""Settles a few candidates at one bench: servers are asked for all of them at once, then each is run alone.

What was no fault of a candidate is tried again, alone; after that it has no score, so that nobody is taught by it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from stagerun.contracts import Judgement
from stagerun_evaluators.judge.pool import Bench, InfraError
from stagerun_evaluators.judge.verdict import refused
from stagerun_evaluators.judge.work import Rows, Work
from stagerun_evaluators.keeper.wire import Ask, CommandRow, Purpose, Reply

TRIES = 2
Given = dict[int, Reply]


@frozen
class Settler:
    """`sandbox` is the class that keepers confine with, `tier` what judgements say of it."""

    sandbox: str
    tier: str

    def purpose(self, zygote: str = "") -> Purpose:
        """What a keeper is started for."""
        paths = [path for path in sys.path if path]
        return Purpose(sandbox=self.sandbox, paths=paths, site=paths, zygote=zygote, reads=[])

    def settle(self, works: Sequence[Work], bench: Bench) -> Iterator[tuple[Work, Judgement]]:
        """A judgement for each, as they come."""
        try:
            given = self._ask_all(works, bench)
        except InfraError:
            given = {}
        for place, work in enumerate(works):
            yield work, self._persist(work, bench, given.get(place))

    def _persist(self, work: Work, bench: Bench, given: Given | None) -> Judgement:
        """The judgement of one; tried again where the infrastructure failed."""
        why = ""
        for _ in range(TRIES):
            try:
                known = self._ask_all([work], bench).get(0, {}) if given is None else given
                return self._run(work, bench, known)
            except InfraError as error:
                why, given = str(error), None
        return refused("infra_error", None, why, self.tier)

    def _ask_all(self, works: Sequence[Work], bench: Bench) -> dict[int, Given]:
        """What servers say to every text, by work and position of the command; each server is asked once."""
        asks: dict[str, list[tuple[int, int]]] = {}
        for place, work in enumerate(works):
            for at in work.asked:
                asks.setdefault(_server(work.row(at)), []).append((place, at))
        given: dict[int, Given] = {place: {} for place in range(len(works))}
        for places in asks.values():
            texts = [works[place].commands[at].stdin for place, at in places]
            place, at = places[0]
            command: CommandRow = works[place].row(at) | {"stdin": ""}
            replies: list[Reply] = bench.request(self.purpose(), Ask(command=command, texts=texts))
            for (place, at), reply in zip(places, replies, strict=True):
                given[place][at] = reply
        return given

    def _run(self, work: Work, bench: Bench, given: Mapping[int, Reply]) -> Judgement:
        rows: Rows = {at: reply["done"] for at, reply in given.items()}
        changed: list[str] = []
        for zygote, job, used in work.jobs(given):
            if any(row["timed_out"] for row in rows.values()):
                break
            answer = bench.request(self.purpose(zygote), job)
            rows |= {used[place]: row for place, row in enumerate(answer["done"]) if row is not None}
            changed += answer["changed"]
        return work.judged(rows, list(dict.fromkeys(changed)), self.tier)


def _server(row: CommandRow) -> str:
    return json.dumps({**row, "stdin": ""}, sort_keys=True)


def cached(judgement: Judgement) -> Judgement:
    """The same judgement, for a candidate that is the same as one just judged."""
    return attrs.evolve(judgement, cached=True)
