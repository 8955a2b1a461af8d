"""Time left and how sure it is, from the steps reported so far."""

from __future__ import annotations

from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun.record.pace import DRIFT, ENOUGH, WINDOW, Pace, student

RATES = st.floats(0.001, 1000.0)
STEPS = st.integers(3, 200)


def steady(each: float, steps: int, slow: float = 0.0) -> Pace:
    """Steps 1 to `steps`, `each` seconds apart; the way to the second one takes `slow` seconds more."""
    pace = Pace()
    for step in range(1, steps + 1):
        pace.add(step * each + (slow if step > 1 else 0.0), step)
    return pace


@given(each=RATES, steps=STEPS, slow=st.floats(0.0, 1e6), more=st.integers(0, 10_000))
def test_a_slow_first_step_leaves_no_trace_in_the_estimate(each: float, steps: int, slow: float, more: int) -> None:
    left = steady(each, steps, slow).left(steps * each + slow, steps + more)
    assert left == pytest.approx(more * each, rel=1e-3, abs=1e-6)


@given(
    reports=st.lists(st.tuples(st.floats(0, 1e9), st.integers(0, 1000)), max_size=100),
    now=st.floats(0, 1e9),
    total=st.integers(0, 2000),
)
def test_whatever_is_reported_the_estimate_is_none_or_a_time(
    reports: list[tuple[float, int]], now: float, total: int
) -> None:
    pace = Pace()
    for time, step in reports:
        pace.add(time, step)
    left = pace.left(now, total)
    assert left is None or 0.0 <= left < float("inf")


@given(each=RATES, steps=STEPS)
def test_the_time_left_falls_while_a_step_is_under_way_but_by_no_more_than_that_step(each: float, steps: int) -> None:
    pace, reported = steady(each, steps), steps * each
    at_report, half_way, much_later = (pace.left(reported + each * wait, steps + 5) for wait in (0.0, 0.5, 50.0))
    assert at_report is not None
    assert half_way is not None
    assert half_way == pytest.approx(at_report - each / 2, rel=1e-6)
    assert much_later == pytest.approx(at_report - each, rel=1e-6)


def test_two_steps_tell_nothing_because_the_first_is_slow() -> None:
    assert steady(1.0, 2).left(2.0, 10) is None
    assert steady(1.0, 3).left(3.0, 10) == 7.0


def test_without_a_total_there_is_no_estimate() -> None:
    assert steady(1.0, 10).left(10.0, None) is None


def test_a_step_that_goes_back_starts_afresh() -> None:
    pace = steady(1.0, 10)
    pace.add(20.0, 4)
    assert pace.left(20.0, 10) is None
    pace.add(120.0, 5)
    pace.add(122.0, 6)
    assert pace.left(122.0, 10) == 8.0


def test_the_same_step_told_twice_counts_once() -> None:
    pace = Pace()
    for step in range(1, 5):
        pace.add(float(step), step)
        pace.add(step + 0.5, step)
    assert pace.left(4.0, 10) == 6.0


def test_the_rate_follows_when_steps_become_slower() -> None:
    pace = steady(1.0, 100)
    for step in range(101, 101 + 2 * WINDOW):
        pace.add(100.0 + (step - 100) * 3, step)
    assert pace.seconds_per_step == pytest.approx(3.0)


def test_before_enough_steps_were_measured_there_are_no_bounds() -> None:
    assert steady(1.0, ENOUGH + 1).bounds(ENOUGH + 1.0, 100) is None
    assert steady(1.0, ENOUGH + 2).bounds(ENOUGH + 2.0, 100) is not None


@given(each=RATES, steps=st.integers(ENOUGH + 2, 200), more=st.integers(1, 10_000))
def test_steps_that_are_all_alike_leave_no_doubt_but_that_the_pace_may_drift(
    each: float, steps: int, more: int
) -> None:
    pace = steady(each, steps)
    bounds = pace.bounds(steps * each, steps + more)
    assert bounds is not None
    assert bounds.error / bounds.seconds == pytest.approx(DRIFT * (ENOUGH / pace.measured) ** 0.5, rel=1e-2)


def wild(steps: int, seed: int) -> list[float]:
    """Times at which steps end that take 1 s each, give or take 0.3 s."""
    chance = Random(seed)
    return list(accumulate(max(chance.gauss(1.0, 0.3), 0.01) for _ in range(steps)))


def covered(slower: float, measured: int) -> float:
    """In how many of 400 cases 200 steps end within the bounds, where they are slower by that share than those measured."""
    inside = 0
    for seed in range(400):
        times, pace = wild(200, seed), Pace()
        for step in range(1, measured + 1):
            pace.add(times[step - 1], step)
        bounds = pace.bounds(times[measured - 1], 200)
        assert bounds is not None
        inside += bounds.low <= (times[199] - times[measured - 1]) * (1 + slower) <= bounds.high
    return inside / 400


def test_without_drift_the_bounds_hold_in_about_95_of_100_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stagerun.record.pace.DRIFT", 0.0)
    assert 0.92 <= covered(0.0, 30) <= 0.98


def test_the_first_bounds_hold_when_the_machine_becomes_slower_by_a_fifth() -> None:
    assert covered(0.2, ENOUGH + 2) >= 0.9


def test_more_measured_steps_make_the_bounds_narrower() -> None:
    times, pace, widths = wild(60, 1), Pace(), []
    for step, time in enumerate(times, 1):
        pace.add(time, step)
        if step in (10, 60):
            bounds = pace.bounds(time, step + 100)
            widths.append(bounds.error if bounds else 0.0)
    assert widths[1] < widths[0] / 1.5


def test_reports_of_several_steps_at_once_give_the_same_error_as_single_ones() -> None:
    times, single, in_fours = wild(60, 2), Pace(), Pace()
    for step, time in enumerate(times, 1):
        single.add(time, step)
        if step % 4 == 0:
            in_fours.add(time, step)
    one, four = single.bounds(times[-1], 160), in_fours.bounds(times[-1], 160)
    assert one is not None
    assert four is not None
    assert four.error == pytest.approx(one.error, rel=0.5)


@pytest.mark.parametrize(("degrees", "published"), [(4, 2.776), (9, 2.262), (30, 2.042), (1000, 1.962)])
def test_students_t_is_that_of_the_tables(degrees: int, published: float) -> None:
    assert student(degrees) == pytest.approx(published, rel=0.02)
