"""From outcomes to verdict and score."""

from __future__ import annotations

import pytest

from stagerun import Check, Command, Completed, Judgement, SuiteResult
from stagerun_evaluators.judge.verdict import judgement, rank, share

COMMAND = Command(("true",))
COMPILE, TEST = Check("compile", 0.1, COMMAND), Check("test", 0.8, COMMAND)
LINT = Check("lint", 0.1, COMMAND, required=False)
CHECKS, DONE = (COMPILE, TEST, LINT), (Completed(returncode=0),)
BUILT, HALF = SuiteResult(), SuiteResult(passed=frozenset({"a"}), failed=frozenset({"b"}))
ALL, NONE = SuiteResult(passed=frozenset({"a", "b"})), SuiteResult(failed=frozenset({"a", "b"}))
UNTIDY = SuiteResult(failed=frozenset({"lint"}))


def test_the_score_is_the_weighted_sum_of_the_shares() -> None:
    assert judgement(CHECKS, DONE, (BUILT, ALL, UNTIDY)).score == pytest.approx(0.9)


def test_what_is_not_required_is_worth_as_much_of_its_weight_as_tests_passed() -> None:
    assert judgement(CHECKS, DONE, (BUILT, HALF, BUILT)).score == pytest.approx(0.1 + 0.4 + 0.05)
    assert judgement(CHECKS, DONE, (BUILT, NONE, BUILT)).score == pytest.approx(0.1)


def test_a_check_that_is_not_required_costs_score_and_not_the_verdict() -> None:
    found = judgement(CHECKS, DONE, (BUILT, ALL, UNTIDY))
    assert (found.verdict, dict(found.shares)) == ("passed", {"compile": 1.0, "test": 1.0, "lint": 0.0})


def test_a_test_check_without_a_test_earns_nothing() -> None:
    assert share(TEST, SuiteResult()) == 0.0


def test_what_was_not_built_earns_nothing() -> None:
    assert judgement(CHECKS, DONE, (SuiteResult(built=False),) * 3).score == 0.0


def test_several_test_checks_are_weighed_together() -> None:
    checks = (Check("test", 0.75, COMMAND), Check("test", 0.25, COMMAND))
    found = judgement(checks, DONE, (ALL, NONE))
    assert (found.score, found.shares["test"], found.verdict) == (0.75, 0.75, "failed")


@pytest.mark.parametrize(
    ("done", "result", "changed", "verdict"),
    [
        (Completed(returncode=None, timed_out=True), HALF, (), "timeout"),
        (Completed(returncode=-9, out_of_memory=True), HALF, (), "oom"),
        (Completed(returncode=0), SuiteResult(out_of_memory=True), (), "oom"),
        (Completed(returncode=0), SuiteResult(tampered=True), (), "tampered"),
        (Completed(returncode=None, timed_out=True), SuiteResult(tampered=True), (), "tampered"),
        (Completed(returncode=0), ALL, ("solution.py",), "tampered"),
    ],
)
def test_anything_but_passed_and_failed_scores_zero(
    done: Completed, result: SuiteResult, changed: tuple[str, ...], verdict: str
) -> None:
    found = judgement(CHECKS, (done,), (BUILT, result, BUILT), changed)
    assert (found.verdict, found.score) == (verdict, 0.0)


def test_what_could_not_be_judged_ranks_last() -> None:
    ranked = sorted([Judgement("infra_error", None), Judgement("failed", 0.0), Judgement("passed", 0.9)], key=rank)
    assert [one.verdict for one in ranked] == ["passed", "failed", "infra_error"]
