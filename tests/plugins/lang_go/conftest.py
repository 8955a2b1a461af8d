"""One judge and one task for the tests of Go; the compiled standard library, a minute's work, is kept between runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stagerun import Candidate, Judgement, Task
from stagerun_evaluators.judge import Local
from stagerun_lang_go import Go

TESTS = """package solution

import "testing"

func TestSmall(t *testing.T) {
	if Add(1, 2) != 3 {
		t.Error("1 and 2 make 3")
	}
}

func TestLarge(t *testing.T) {
	if Add(20, 22) != 42 {
		t.Error("20 and 22 make 42")
	}
}
"""
RIGHT = "package solution\n\nfunc Add(a, b int) int { return a + b }\n"
SEEDS = Path(__file__).parents[3] / ".cache" / "seeds-of-tests"  # `make clean` removes it

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="there is no go on PATH")


def task(tests: str = TESTS, **other: object) -> Task:
    """The task of most tests."""
    return Task(id="add", language="go", tests=tests, **other)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def seeds() -> Iterator[None]:
    """Seeds lie in a folder that outlives the run; they are kept by content, so an old one is never taken."""
    before = os.environ["STAGERUN_CACHE"]
    os.environ["STAGERUN_CACHE"] = os.environ.get("STAGERUN_TEST_SEEDS", str(SEEDS))
    yield
    os.environ["STAGERUN_CACHE"] = before


@pytest.fixture(scope="session")
def local(seeds: None) -> Iterator[Local]:
    """The judge that users get, without a cache of judgements."""
    judge = Local(lambda _: Go(), cache=False)
    yield judge
    judge.close()


@pytest.fixture(scope="session")
def plain(seeds: None) -> Iterator[Local]:
    """The same by the go command."""
    judge = Local(lambda _: Go(plain=True), cache=False)
    yield judge
    judge.close()


@pytest.fixture
def judged(local: Local) -> Callable[..., Judgement]:
    """Judge one text against the task's tests, or others."""

    def judge(code: str, tests: str = TESTS, **other: object) -> Judgement:
        return local.judge([Candidate(task(tests, **other), code)])[0]

    return judge
