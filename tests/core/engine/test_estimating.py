"""The time a stage will take, in the journal and in the record."""

from __future__ import annotations

import json
from typing import Any

from workshop import Workshop, only

from stagerun.engine.estimating import Clock

PIPELINE = """\
[demo]
price_per_hour = 3600.0

[stages.count]
uses = "test.count"
with = { steps = 12, pause = 0.01 }
"""


def heard(clock: Clock, steps: int, total: int, each: float = 1.0) -> list[dict[str, Any]]:
    """What the clock tells while so many steps come in."""
    told = [clock.hear(step * each, {"step": step, "total": total}) for step in range(1, steps + 1)]
    return [each for each in told if each]


def test_estimates_come_after_five_measured_steps_and_then_whenever_these_have_doubled() -> None:
    told = heard(Clock(0.0), 1000, 1000)
    assert [each["step"] for each in told] == [7, 12, 22, 42, 82, 162, 322, 642]
    assert [each["first"] for each in told] == [True, *[False] * 7]


def test_an_estimate_counts_from_the_start_of_the_attempt_to_its_last_step() -> None:
    (first, *_) = heard(Clock(-30.0), 10, 100)
    assert (first["seconds"], first["left"]) == (130.0, 93.0)
    assert first["low"] <= first["seconds"] <= first["high"]


def test_a_stage_that_tells_no_total_gets_no_estimate() -> None:
    clock = Clock(0.0)
    assert [clock.hear(float(step), {"step": step}) for step in range(1, 100)] == [None] * 99
    assert clock.took() == {}


def test_what_it_took_is_told_of_a_stage_that_was_estimated() -> None:
    clock = Clock(0.0)
    heard(clock, 50, 50, 2.0)
    assert clock.took() == {"took": 100.0}


def test_a_stage_of_few_steps_is_not_estimated_and_no_time_is_compared() -> None:
    clock = Clock(0.0)
    assert heard(clock, 6, 6) == []
    assert clock.took() == {}


def test_estimate_and_real_time_stand_in_the_summary_of_a_run(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    events = workshop.run()
    estimated = [event for event in events if event.kind == "stage.estimated"]
    assert estimated[0].data["step"] == 7
    summary = json.loads((workshop.runs / "run-summary.json").read_text())
    timing = summary["stages"]["count"]["timing"]
    assert timing["estimated"] == estimated[0].data["seconds"]
    assert timing["took"] == only(events, "stage.finished").data["took"]
    assert timing["off"] == round(timing["estimated"] / timing["took"] - 1, 4)
    assert summary["run"]["cost"] > 0
