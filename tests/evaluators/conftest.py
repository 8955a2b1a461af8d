"""One judge for all tests here: its keepers are started once, as in a training run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stagerun import Candidate, Judgement, Task
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

TESTS = """
from solution import add

def test_small():
    assert add(1, 2) == 3

def test_large():
    assert add(20, 22) == 42
"""


def task(tests: str = TESTS, **other: object) -> Task:
    return Task(id="add", language="python", tests=tests, meta={"timeout": 1.0, "memory_mb": 256} | other)


def running(mark: str, environ: str = "") -> int:
    """How many processes have these words on their command line, and those in their environment."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            named = mark.encode() in (process / "cmdline").read_bytes().replace(b"\0", b" ")
            count += named and environ.encode() in (process / "environ").read_bytes()
    return count


@pytest.fixture(scope="session")
def local() -> Iterator[Local]:
    judge = Local(lambda _: Python())
    yield judge
    judge.close()


@pytest.fixture
def judged(local: Local) -> Callable[..., Judgement]:
    """Judge one text against `add`'s tests, or against others."""

    def judge(code: str, tests: str = TESTS, **meta: object) -> Judgement:
        return local.judge([Candidate(task(tests, **meta), code)])[0]

    return judge
