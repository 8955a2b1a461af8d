"""What the first steps tell, as properties of pure functions."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from stagerun_stages.train.watching import BEFORE, EDGE, FIRST, STALL, STALLS, moves, patience, slower

LOSSES = st.lists(st.integers(-50, 50).map(float), min_size=20, max_size=40)
FALLING = [10 - 0.05 * step for step in range(FIRST)]


@given(LOSSES, st.sampled_from([0.25, 2.0, 64.0]), st.integers(-8, 8))
def test_neither_scale_nor_level_of_a_loss_matters(losses: list[float], scale: float, level: int) -> None:
    assert moves([loss * scale + level for loss in losses]) == moves(losses)


@given(LOSSES)
def test_a_loss_and_its_mirror_do_not_both_improve(losses: list[float]) -> None:
    assert not (moves(losses) and moves([-loss for loss in losses]))


@given(st.integers(0, FIRST - 1), st.floats(-1e6, 1e6))
def test_one_wild_step_does_not_hide_a_falling_loss(place: int, wild: float) -> None:
    assert moves([wild if step == place else loss for step, loss in enumerate(FALLING)])


@given(st.floats(-100, 100))
def test_a_loss_that_never_changes_does_not_move(loss: float) -> None:
    assert not moves([loss] * FIRST)


def test_noise_is_no_movement_and_a_fall_within_noise_is() -> None:
    chance = random.Random(0)
    noises = [[chance.gauss(0, 1) for _ in range(FIRST)] for _ in range(200)]
    assert sum(map(moves, noises)) < 0.06 * len(noises)  # two standard errors, one side: about 2 % by definition
    falls = [[value - 0.02 * step for step, value in enumerate(noise)] for noise in noises]
    assert sum(map(moves, falls)) > 0.95 * len(falls)


STEADY = [0.1] * (1 + 2 * EDGE)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=60), st.sampled_from([0.5, 4.0]))
def test_how_fast_the_machine_is_does_not_matter(seconds: list[float], scale: float) -> None:
    tokens = [8] * len(seconds)
    assert slower([time * scale for time in seconds], tokens) == slower(seconds, tokens)


def test_steps_that_become_five_times_slower_are_seen_whatever_the_first_one_took() -> None:
    late = [90.0, *[0.1] * EDGE, *[0.5] * EDGE]
    assert round(slower(late, [8] * len(late)), 6) == 5.0
    assert slower(STEADY, [8] * len(STEADY)) == 1.0


def test_a_few_slow_steps_are_no_collapse() -> None:
    seconds = [*STEADY, *[0.1] * 6, *[9.0] * 4]
    assert slower(seconds, [8] * len(seconds)) == 1.0


def test_longer_rows_are_no_collapse_and_shorter_ones_neither() -> None:
    seconds, tokens = [0.1] * 11 + [0.5] * 10, [100] * 11 + [500] * 10
    assert round(slower(seconds, tokens), 6) == 1.0
    assert round(slower([0.1] * 21, [500] * 11 + [100] * 10), 6) == 1.0


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=20))
def test_patience_is_ten_usual_steps_and_never_less_than_a_minute(seconds: list[float]) -> None:
    assert patience(seconds) >= STALL
    assert patience([20.0] * 3) == STALLS * 20
    assert patience([]) == BEFORE
