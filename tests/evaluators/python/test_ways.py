"""The warm way and the plain way come to the same judgement, on our own tasks and on attacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import stagerun_evaluators
from stagerun import Candidate, Judgement
from stagerun.tasks import Solution, read_solutions
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

from .attacks import ATTACKS, task

TASKS = Path(stagerun_evaluators.__file__).parent / "tasks" / "python"
SOLUTIONS = read_solutions(TASKS)
UNTIDY = [
    "import os\nx: int = ''\ndef add(a, b): return a + b",
    "import nowhere\ndef add(a, b): return a + b",
    "import colorsys, wave\nfrom typing import List\ndef add(a: List[int], b): return undefined\ny = colorsys.nothing",
    "def add(a, b) return a",
    "from __future__ import annotations\nclass A:\n    def f(self) -> A: return 1\ndef add(a, b): return a + b\n",
]
CHOSEN = [
    "sys.exit at import",
    "assertEqual does nothing",
    "equals anything",
    "another folder",
    "exits in the function",
    "pytest.ini",
]


def told(found: Judgement) -> tuple[object, ...]:
    """A judgement without its times, and without addresses of objects, which differ from run to run."""
    words = [(each.file, each.line, each.code, re.sub("0x[0-9a-f]+", "", each.message)) for each in found.diagnostics]
    return found.verdict, found.score, found.passed, found.failed, found.shares, words


@pytest.fixture(scope="module")
def plain() -> Local:
    return Local(lambda _: Python(plain=True), workers=2, cache=False)


@pytest.mark.slow
def test_every_solution_of_ours_is_judged_alike(local: Local, plain: Local) -> None:
    candidates = [solution.candidate for solution in SOLUTIONS]
    assert [told(each) for each in plain.judge(candidates)] == [told(each) for each in local.judge(candidates)]


def test_untidy_code_and_attacks_are_judged_alike(local: Local, plain: Local) -> None:
    candidates = [Candidate(task(), code) for code in UNTIDY] + [ATTACKS[name].candidate for name in CHOSEN]
    assert [told(each) for each in plain.judge(candidates)] == [told(each) for each in local.judge(candidates)]


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda solution: solution.name)
def test_right_solutions_have_the_full_score_and_wrong_ones_fail(local: Local, solution: Solution) -> None:
    found = local.judge([solution.candidate])[0]
    if solution.wrong:
        assert found.verdict == "failed"
    else:
        assert (found.verdict, found.score, found.detail) == ("passed", 1.0, "")
