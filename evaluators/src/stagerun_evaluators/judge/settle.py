"""What is done at benches: servers are asked about a few candidates at once, then each candidate is run alone.

What was no fault of a candidate is tried again, alone; after that it has no score, so that nobody is taught by it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import attrs
from attrs import frozen

from stagerun.contracts import Judgement
from stagerun_evaluators.judge.pool import Bench, InfraError, Pool
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

    def ask(self, works: Sequence[Work], pool: Pool) -> dict[str, Given]:
        """What servers say of each, by its key, all at one bench; nothing where one failed, as each is asked again then."""
        if not any(work.asked for work in works):
            return {work.key: {} for work in works}
        try:
            with pool.lease() as bench:
                return self._ask(works, bench)
        except InfraError:
            return {}

    def settle(self, work: Work, given: Given | None, bench: Bench) -> Judgement:
        """The judgement of one, servers asked if there is nothing `given`; tried again where the infrastructure failed."""
        why = ""
        for _ in range(TRIES):
            try:
                return self._run(work, bench, self._ask([work], bench)[work.key] if given is None else given)
            except InfraError as error:
                why, given = str(error), None
        return refused("infra_error", None, why, self.tier)

    def _ask(self, works: Sequence[Work], bench: Bench) -> dict[str, Given]:
        """Each server is asked once, for every text there is for it."""
        asks: dict[str, list[tuple[Work, int]]] = {}
        for work in works:
            for at in work.asked:
                asks.setdefault(_server(work.row(at)), []).append((work, at))
        given: dict[str, Given] = {work.key: {} for work in works}
        for texts in asks.values():
            work, at = texts[0]
            command: CommandRow = work.row(at) | {"stdin": ""}
            ask = Ask(command=command, texts=[work.commands[at].stdin for work, at in texts])
            replies: list[Reply] = bench.request(self.purpose(), ask)
            for (work, at), reply in zip(texts, replies, strict=True):
                given[work.key][at] = reply
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
