"""Curves of metrics."""

from __future__ import annotations

import math
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stagerun.record import GateRecord, StageRecord
from stagerun.report.curves import POINTS, Curve, collect, curves, draw, thinned

FINITE = st.floats(-1e300, 1e300)


@given(st.lists(FINITE, min_size=1, max_size=3000))
def test_thinning_keeps_both_ends_and_every_peak(values: list[float]) -> None:
    points = [(float(step), value) for step, value in enumerate(values)]
    kept = thinned(points)
    assert len(kept) <= POINTS + 4
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert max(value for _, value in kept) == max(values)
    assert min(value for _, value in kept) == min(values)
    assert [step for step, _ in kept] == sorted(step for step, _ in kept)


@given(st.lists(st.tuples(st.integers(0, 10**9), FINITE), min_size=2, max_size=50, unique_by=lambda point: point[0]))
def test_a_drawn_curve_stays_within_its_picture(points: list[tuple[int, float]]) -> None:
    text = draw(Curve("loss", sorted((float(step), value) for step, value in points)))
    line = re.search(r'<polyline points="([^"]*)"', text)
    assert line is not None
    for pair in line[1].split():
        x, y = map(float, pair.split(","))
        assert 0 <= x <= 340
        assert 0 <= y <= 150


def test_values_that_are_no_numbers_are_left_out() -> None:
    rows: list[dict[str, Any]] = [
        {"step": 1, "loss": math.nan},
        {"step": 2, "loss": "high"},
        {"step": 3, "loss": True},
        {"step": 4, "loss": 2},
    ]
    (curve,) = collect(StageRecord("a"), rows)
    assert curve.points == [(4.0, 2.0)]


def test_a_step_logged_again_after_a_resume_counts_as_it_came_last() -> None:
    rows = [{"step": 1, "loss": 5.0}, {"step": 2, "loss": 4.0}, {"step": 2, "loss": 3.0}]
    (curve,) = collect(StageRecord("a"), rows)
    assert curve.points == [(1.0, 5.0), (2.0, 3.0)]


def test_the_limits_of_gates_on_the_metric_are_drawn() -> None:
    gate = GateRecord("loss", True, True, "", evidence={"metric": "loss", "value": 1.0, "max": 2.0})
    rows = [{"step": step, "loss": 3.0 - step, "other": 1.0} for step in range(3)]
    text = curves(StageRecord("a", gates={"loss": gate}), rows)
    assert text.count('class="limit"') == 1


def test_the_loss_is_drawn_first_and_a_single_value_not_at_all() -> None:
    rows: list[dict[str, float]] = [{"step": step, "grad_norm": 1.0, "loss": 2.0} for step in range(3)]
    rows[0]["once"] = 1.0
    text = curves(StageRecord("a"), rows)
    assert 0 < text.index(">loss<") < text.index(">grad_norm<")
    assert ">once<" not in text


def test_a_stage_without_metrics_has_no_curves() -> None:
    assert curves(StageRecord("a"), []) == ""
