"""One judge for all tests of TypeScript: its server and its snapshot are made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from typescript_packages import provide

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.typescript import TypeScript, toolchain

from .hostile import TESTS, task


@pytest.fixture(scope="session")
def packages(_surroundings: None) -> None:
    """The packages are in the cache; without npm these tests cannot run."""
    provide()
    if not toolchain.installed():
        pytest.skip("the packages of TypeScript are not installed and npm is not there")


@pytest.fixture(scope="session")
def local(packages: None) -> Iterator[Local]:
    judge = Local(lambda _: TypeScript(), workers=2, cache=False)
    yield judge
    judge.close()


@pytest.fixture
def judged(local: Local) -> Callable[..., Judgement]:
    """Judge one text against `add`'s tests, or against others."""

    def judge(code: str, tests: str = TESTS, **meta: object) -> Judgement:
        return local.judge([Candidate(task(tests, **meta), code)])[0]

    return judge
