"""Estimated and real times in the record."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun.events import Event
from stagerun.record import Fold, RunRecord
from stagerun.record.timing import compared, cost

ESTIMATE = {"step": 7, "total": 100, "first": True, "left": 93.0, "seconds": 110.0, "low": 100.0, "high": 120.0}


def folded(*events: tuple[str, float, dict[str, Any]]) -> RunRecord:
    fold = Fold()
    for seq, (kind, time, data) in enumerate(events):
        stage = None if kind.startswith("run.") else "sft"
        fold.add(Event(kind, stage, data, seq=seq, time=1000.0 + time))
    return fold.record


def test_the_first_estimate_is_kept_and_the_newest_says_when_the_last_step_ends() -> None:
    later = {**ESTIMATE, "step": 20, "first": False, "left": 70.0, "seconds": 105.0}
    timing = (
        folded(("stage.started", 0, {}), ("stage.estimated", 17, ESTIMATE), ("stage.estimated", 35, later))
        .stages["sft"]
        .timing
    )
    assert (timing["estimated"], timing["low"], timing["high"], timing["after_step"]) == (110.0, 100.0, 120.0, 7)
    assert (timing["latest"]["step"], timing["latest"]["ends"]) == (20, 1105.0)


def test_a_finished_stage_tells_by_how_much_the_first_estimate_was_wrong() -> None:
    done = {"seconds": 130.0, "took": 100.0, "metrics": {}, "outputs": {}}
    timing = (
        folded(("stage.started", 0, {}), ("stage.estimated", 17, ESTIMATE), ("stage.finished", 130, done))
        .stages["sft"]
        .timing
    )
    assert timing == {"estimated": 110.0, "low": 100.0, "high": 120.0, "after_step": 7, "took": 100.0, "off": 0.1}
    assert compared(timing) == (
        "1 min 40 s to its last step; at step 7, 1 min 50 s were estimated (10.0% too much; 1 min 40 s to 2 min 00 s)"
    )


def test_another_attempt_forgets_the_estimate_of_the_one_before() -> None:
    record = folded(("stage.started", 0, {}), ("stage.estimated", 17, ESTIMATE), ("stage.started", 40, {"attempt": 2}))
    assert record.stages["sft"].timing == {}


def test_a_run_with_a_price_costs_what_its_hours_cost() -> None:
    record = folded(("run.started", 0, {"price_per_hour": 2.5}), ("run.finished", 5400, {"status": "done"}))
    assert record.run is not None
    assert (record.run.price_per_hour, record.run.cost) == (2.5, 3.75)


def test_without_a_price_there_is_no_cost() -> None:
    record = folded(("run.started", 0, {}), ("run.finished", 5400, {"status": "done"}))
    assert record.run is not None
    assert record.run.cost is None


@pytest.mark.parametrize(("seconds", "price", "expected"), [(3600.0, 2.0, 2.0), (-1.0, 2.0, 0.0), (60.0, 0.0, None)])
def test_a_cost_is_never_negative_and_there_is_none_without_a_price(
    seconds: float, price: float, expected: float | None
) -> None:
    assert cost(seconds, price) == expected
