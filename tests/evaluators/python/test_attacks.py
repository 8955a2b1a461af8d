"""None of the attacks scores, none outlives its candidate, and the next candidate is judged as if nothing had been."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redteam

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

from .attacks import ATTACKS, RIGHT, task

Judge = Callable[..., Judgement]
QUICK = {"checks": ["compile", "test"]}


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest, local: Local) -> dict[str, tuple[Judgement, Judgement]]:
    """Every attack judged, and a right solution after it: by one judge, on all cores."""
    return redteam.judged(local, redteam.selected(request, ATTACKS), Candidate(task(**QUICK), RIGHT))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing(found: dict[str, tuple[Judgement, Judgement]], name: str) -> None:
    attack, (made, after) = ATTACKS[name], found[name]
    assert made.verdict in attack.verdicts, made.detail
    assert made.verdict == "passed" or made.passed <= attack.earned
    assert after.verdict == "passed", after.detail


def test_no_nonce_is_to_be_found_on_the_stack(judged: Judge) -> None:
    code = """
import sys, re
found, frame = set(), sys._getframe()
while frame:
    found |= set(re.findall(r"\\\\b[0-9a-f]{32}\\\\b", repr(frame.f_locals)))
    frame = frame.f_back
raise Exception(f"{len(found)} secrets")
"""
    assert "0 secrets" in judged(code, **QUICK).detail


def test_neither_pytest_nor_the_harness_s_report_is_on_the_candidate_s_stack(judged: Judge) -> None:
    code = """
import sys
found, frame = [], sys._getframe()
while frame:
    found += [k for k, v in frame.f_locals.items() if type(v).__module__.startswith(("_pytest", "pluggy", "_queue"))]
    frame = frame.f_back
raise Exception(f"found {found}")
"""
    assert "found []" in judged(code, **QUICK).detail


def test_an_endless_report_in_a_child_is_not_waited_for(judged: Judge) -> None:
    code = f"import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\n{RIGHT}"
    assert judged(code, **QUICK).verdict == "passed"  # it would be a timeout


def test_a_child_in_a_session_of_its_own_does_not_outlive_the_candidate(judged: Judge) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        time.sleep(1000)
    os._exit(0)
def add(a, b): return a + b
"""
    assert judged(code, **QUICK).verdict == "passed"
    assert [line for line in redteam.left_running() if "testing.py" in line] == []


def test_the_user_s_environment_is_not_in_the_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    code = "import os\ndef f(): return dict(os.environ)"
    tests = "from solution import f\ndef test_it():\n    assert 'SECRET_TOKEN' not in f()\n"
    local = Local(lambda _: Python(), workers=1, cache=False)
    assert local.judge([Candidate(task(tests, **QUICK), code)])[0].verdict == "passed"
    local.close()


def test_an_equality_that_counts_its_calls_wins_seldom_as_it_cannot_know_which_one_is_real(judged: Judge) -> None:
    code = """
class E(int):
    n = 0
    def __eq__(s, o):
        if type(o) is not int or abs(o) > 10**6: return False
        s.n += 1
        return s.n == 3
    __hash__ = int.__hash__
def add(a, b): return E()
"""
    won = [judged(f"{code}# {number}\n", **QUICK).verdict == "passed" for number in range(16)]
    assert sum(won) < 8
