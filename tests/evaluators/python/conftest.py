"""One judge for all tests of Python: its warm processes are started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

from .attacks import PLAIN, task


@pytest.fixture(scope="session")
def local() -> Iterator[Local]:
    judge = Local(lambda _: Python(), workers=2, cache=False)
    yield judge
    judge.close()


@pytest.fixture
def judged(local: Local) -> Callable[..., Judgement]:
    """Judge one text by all checks against `add`'s tests, or against others."""

    def judge(code: str, tests: str = PLAIN, **meta: object) -> Judgement:
        return local.judge([Candidate(task(tests, **meta), code)])[0]

    return judge
