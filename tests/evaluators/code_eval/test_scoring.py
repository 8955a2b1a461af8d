"""pass@k and rates from counts: the paper's estimator, masked samples, several languages."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun import Judgement
from stagerun_evaluators.code_eval.scoring import Tally, TaskTally, mean_pass, metrics, pass_at_k

NAMED = {
    "rust": {"check": "cargo_check_pass_rate", "test": "cargo_test_pass_rate"},
    "python": {"test": "pytest_pass_rate"},
}


def tally(*languages: str) -> Tally:
    return Tally({f"{name}/{at}": TaskTally(f"{name}/{at}", name) for at, name in enumerate(languages)})


def passed(**shares: float) -> Judgement:
    return Judgement("passed", 1.0, shares=shares or {"check": 1.0, "test": 1.0}, isolation="landlock", scoring="1")


def failed(**shares: float) -> Judgement:
    return Judgement("failed", 0.5, shares=shares or {"check": 1.0, "test": 0.5}, isolation="landlock", scoring="1")


MASKED = Judgement("infra_error", None)


@given(st.integers(1, 9), st.data())
def test_pass_at_k_is_the_share_of_draws_with_a_passing_sample(n, data):
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    draws = list(combinations(range(n), k))
    assert math.isclose(pass_at_k(n, c, k), sum(min(draw) < c for draw in draws) / len(draws))


def test_pass_at_k_of_many_samples_neither_overflows_nor_loses_digits():
    assert pass_at_k(100_000, 1, 10) == pytest.approx(1e-4)


def test_fewer_samples_than_k_have_no_estimate():
    with pytest.raises(ValueError, match="pass@3 needs 3 samples, and there are 2"):
        pass_at_k(2, 1, 3)


def test_what_could_not_be_judged_is_left_out_and_counted():
    found = tally("rust", "rust")
    for each in (passed(), MASKED, failed()):
        found.add("rust/0", each)
    found.add("rust/1", MASKED)
    values = metrics(found, [1, 2], NAMED)
    assert (values["pass_at_1"], values["pass_at_2"], values["pass_rate"]) == (0.5, 1.0, 0.5)
    assert (values["samples"], values["unjudged"], values["unjudged_share"]) == (4, 2, 0.5)


def test_a_task_nobody_answered_is_one_that_was_not_solved():
    found = tally("rust", "rust")
    found.add("rust/0", passed())
    values = metrics(found, [1], NAMED)
    assert (values["pass_at_1"], values["tasks_without_solutions"]) == (0.5, 1)


def test_tasks_with_fewer_samples_than_k_are_not_in_pass_at_k_and_without_any_it_is_not_told():
    found = tally("rust", "rust")
    for each in (passed(), failed()):
        found.add("rust/0", each)
    found.add("rust/1", failed())
    assert mean_pass(found.tasks.values(), 2) == (1.0, 1)
    assert "pass_at_3" not in metrics(found, [3], NAMED)


def test_a_checks_rate_is_the_share_of_samples_that_earned_it_whole():
    found = tally("rust")
    for each in (passed(), failed(), failed(check=0.0), Judgement("timeout", 0.0)):
        found.add("rust/0", each)
    values = metrics(found, [1], NAMED)
    assert (values["cargo_check_pass_rate"], values["cargo_test_pass_rate"], values["test_rate"]) == (0.5, 0.25, 0.25)
    assert (values["timeout"], values["mean_score"]) == (1, 0.5)
    assert "rust_pass_rate" not in values


def test_several_languages_are_told_each_and_together():
    found = tally("rust", "python")
    found.add("rust/0", passed())
    found.add("python/1", failed(types=1.0, test=0.5))
    values = metrics(found, [1], NAMED)
    assert (values["rust_pass_at_1"], values["python_pass_at_1"], values["pass_at_1"]) == (1.0, 0.0, 0.5)
    assert (values["cargo_test_pass_rate"], values["pytest_pass_rate"], values["test_rate"]) == (1.0, 0.0, 0.5)
    assert (values["rust_pass_rate"], values["python_pass_rate"], values["check_rate"]) == (1.0, 0.0, 1.0)


def test_a_metric_that_two_languages_claim_is_told_over_both_and_of_each():
    found = tally("one", "two")
    found.add("one/0", passed())
    found.add("two/1", failed())
    values = metrics(found, [1], {"one": {"test": "test_pass_rate"}, "two": {"test": "test_pass_rate"}})
    assert (values["test_pass_rate"], values["one_test_pass_rate"], values["two_test_pass_rate"]) == (0.5, 1.0, 0.0)


def test_tampered_samples_are_judged_ones_that_did_not_pass():
    found = tally("rust")
    for each in (passed(), Judgement("tampered", 0.0)):
        found.add("rust/0", each)
    values = metrics(found, [1], NAMED)
    assert (values["tampered"], values["tampered_share"], values["pass_at_1"]) == (1, 0.5, 0.5)
