"""A pool elsewhere needs to carry JSON there and back, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stagerun_evaluators.judge import Local
from stagerun_evaluators.judge.pool import Bench, LocalBench
from stagerun_evaluators.keeper.wire import Ask, Job, Purpose

from .toy import Toy, toy


class Distant:
    """A bench behind a wire: what crosses it is text."""

    def __init__(self) -> None:
        self.bench, self.crossed = LocalBench(), 0

    def request(self, purpose: Purpose, request: Job | Ask) -> Any:
        self.crossed += 1
        there: tuple[Purpose, Job | Ask] = json.loads(json.dumps([purpose, request]))
        return json.loads(json.dumps(self.bench.request(*there)))


class DistantPool:
    """One bench, far away."""

    workers = 1

    def __init__(self) -> None:
        self.far = Distant()

    @contextmanager
    def lease(self) -> Iterator[Bench]:
        yield self.far

    def close(self) -> None:
        self.far.bench.close()


def test_a_judge_works_through_any_pool_that_carries_json() -> None:
    pool = DistantPool()
    judge = Local(lambda _: Toy(), pool=pool, cache=False)
    found = judge.judge([toy("echo right"), toy("echo wrong")])
    assert [one.verdict for one in found] == ["passed", "failed"]
    assert pool.far.crossed == 3  # a probe, and a job for each
    judge.close()
