"""Tagged lines, as logs and pipes get them."""

from __future__ import annotations

import io

from workshop import Workshop

from stagerun import Plan
from stagerun.render.plain import Plain
from stagerun.render.view import RunView

from .conftest import PIPELINE, Tell


def shown(plan: Plan, tell: Tell, steps: int, each: float) -> list[str]:
    """The progress lines of a stage whose steps take `each` seconds."""
    out = io.StringIO()
    display = Plain(plan, out)
    display.show(tell("stage.started", "train", attempt=1))
    for step in range(1, steps + 1):
        display.show(tell("stage.progress", "train", at=step * each, step=step, total=steps))
        display.show(tell("stage.progress", "train", at=step * each, step=step, metrics={"step": step, "loss": 0.5}))
    return [line for line in out.getvalue().splitlines() if " step " in line]


def test_a_run_opens_with_what_is_run_where_and_how_much_of_it(plan: Plan, tell: Tell) -> None:
    out = io.StringIO()
    Plain(plan, out).show(tell("run.started", stages=list(plan.stages)))
    first, *_, last = out.getvalue().splitlines()
    assert first.startswith("[run] demo of ")
    assert first.endswith(": two stages")
    assert last == "[run] 2 stages to run, 1 absent"


def test_a_line_is_tagged_with_its_stage(plan: Plan, tell: Tell) -> None:
    out = io.StringIO()
    Plain(plan, out).show(tell("stage.skipped", "data", status="up-to-date", reason="up to date"))
    assert out.getvalue() == "[stage data] skipped, up to date\n"


def test_fast_steps_do_not_flood_the_log(plan: Plan, tell: Tell) -> None:
    lines = shown(plan, tell, steps=10_000, each=0.01)
    assert 5 <= len(lines) <= 20


def test_a_long_stage_is_told_of_about_once_a_minute(plan: Plan, tell: Tell) -> None:
    lines = shown(plan, tell, steps=3600, each=10.0)
    assert 500 <= len(lines) <= 620


def test_a_progress_line_has_step_metrics_time_and_time_left(plan: Plan, tell: Tell) -> None:
    line = shown(plan, tell, steps=100, each=1.0)[0]
    assert line == "[stage train] step 5/100, loss 0.5, 5.0 s so far, 1 min 35 s left"


def test_once_enough_steps_are_measured_the_line_says_how_far_the_time_left_may_be_off(plan: Plan, tell: Tell) -> None:
    out = io.StringIO()
    display, at = Plain(plan, out), 0.0
    display.show(tell("run.started", stages=list(plan.stages), price_per_hour=36.0))
    display.show(tell("stage.started", "train", attempt=1))
    for step in range(1, 21):
        at += 1.5 if step % 2 else 2.5
        display.show(tell("stage.progress", "train", at=at, step=step, total=200))
    line = out.getvalue().splitlines()[-1]
    assert line == "[stage train] step 18/200, 36 s so far, 6 min 04 s left +-1 min 13 s, spent 0.36, 3.64 to come"


def test_only_the_first_estimate_of_an_attempt_has_a_line_of_its_own(plan: Plan, tell: Tell) -> None:
    out = io.StringIO()
    display = Plain(plan, out)
    told = {"step": 7, "total": 100, "left": 93.0, "seconds": 110.0, "low": 100.0, "high": 120.0}
    display.show(tell("stage.estimated", "train", first=True, **told))
    display.show(tell("stage.estimated", "train", first=False, **told))
    assert out.getvalue() == "[stage train] estimated at step 7 of 100: about 1 min 33 s left +-10 s\n"


def test_the_summary_ends_a_failed_run_with_the_last_lines_of_the_log(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    plan = workshop.plan("stages.data.with.fail='broken'", registry=workshop.engine.registry)
    out = io.StringIO()
    display = Plain(plan, out)
    for event in workshop.engine.run(plan):
        display.show(event)
    log = workshop.runs / "data/log.txt"
    log.write_text("first\n\n  \x1b[31mlast\x1b[0m\n")
    assert workshop.engine.record is not None
    display.finish(workshop.engine.record, None)
    text = out.getvalue()
    assert "[skipped] 1 stage blocked (data failed): train\n" in text
    assert "[next] data failed: broken; do something else\n" in text
    assert "[next]   | first\n[next]   |   \ufffd[31mlast\ufffd[0m\n" in text


def test_a_view_fed_with_progress_alone_does_not_invent_a_start() -> None:
    assert RunView().stage("a").elapsed(5.0) is None
