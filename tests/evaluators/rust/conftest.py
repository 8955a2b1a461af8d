"""One judge for all tests of Rust: its seed is built once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.rust import Rust

from .hostile import TESTS, task


def judge_of(language: Rust) -> Local:
    """A judge that knows this language alone and remembers nothing."""
    if shutil.which("cargo") is None:
        pytest.skip("cargo is not on PATH")
    return Local(lambda _: language, workers=2, cache=False)


@pytest.fixture(scope="session")
def local(_surroundings: None) -> Iterator[Local]:
    judge = judge_of(Rust())
    yield judge
    judge.close()


@pytest.fixture(scope="session")
def plain(_surroundings: None) -> Iterator[Local]:
    judge = judge_of(Rust(plain=True))
    yield judge
    judge.close()


@pytest.fixture
def judged(local: Local) -> Callable[..., Judgement]:
    """Judge one text against `add`'s tests, or against others."""

    def judge(code: str, tests: str = TESTS, **meta: object) -> Judgement:
        return local.judge([Candidate(task(tests, **meta), code)])[0]

    return judge
