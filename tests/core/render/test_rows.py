"""What stands in the live table."""

from __future__ import annotations

from stagerun.record import GateRecord, StageRecord
from stagerun.render.rows import choose, footer, row
from stagerun.render.view import RunView, StageView

from .conftest import Tell


def running(tell: Tell, steps: int, each: float = 2.0) -> RunView:
    view = RunView()
    view.add(tell("run.started", stages=["a", "b"]))
    view.add(tell("stage.started", "a", attempt=1))
    for step in range(1, steps + 1):
        view.add(tell("stage.progress", "a", at=step * each, step=step, total=100))
    return view


def test_a_running_stage_shows_its_step_elapsed_time_and_time_left(tell: Tell) -> None:
    view = running(tell, 10)
    shown = row(view.known("a"), view.stage("a"), 1020.0)
    assert (shown.state, shown.step, shown.total, shown.elapsed, shown.left) == (
        "running",
        10,
        100,
        "20 s",
        "3 min 00 s left +-36 s",
    )


def test_where_a_price_is_known_the_row_says_what_is_to_come_and_the_footer_what_was_spent(tell: Tell) -> None:
    view = running(tell, 10)
    assert row(view.known("a"), view.stage("a"), 1020.0, price=20.0).left == "3 min 00 s left +-36 s, 1.00"
    view.record.runs[-1].price_per_hour = 20.0
    assert footer(view, 1180.0) == "0 of 2 stages settled, 3 min 00 s, spent 1.00"


def test_a_waiting_stage_shows_no_times(tell: Tell) -> None:
    view = running(tell, 3)
    shown = row(view.known("b"), view.stage("b"), 1020.0)
    assert (shown.sign, shown.text, shown.elapsed, shown.left) == ("·", "waiting", "", "")


def test_a_finished_stage_shows_its_metrics_and_no_time_left(tell: Tell) -> None:
    view = running(tell, 10)
    view.add(tell("stage.finished", "a", at=30.0, metrics={"loss": 0.5}, outputs={}, seconds=30.0))
    shown = row(view.known("a"), view.stage("a"), 2000.0)
    assert (shown.sign, shown.text, shown.elapsed, shown.left) == ("✓", "loss 0.5", "30 s", "")


def test_a_retry_starts_its_steps_anew_but_not_its_clock(tell: Tell) -> None:
    view = running(tell, 10)
    view.add(tell("stage.failed", "a", at=30.0, message="boom", reason="killed", step=10))
    view.add(tell("stage.started", "a", at=40.0, attempt=2))
    shown = row(view.known("a"), view.stage("a"), 1060.0)
    assert (shown.step, shown.left, shown.elapsed) == (None, "", "1 min 00 s")


def test_a_failed_stage_shows_why_on_one_line(tell: Tell) -> None:
    view = running(tell, 3)
    view.add(tell("stage.failed", "a", message="no\nmemory \x1b[0m", reason="out_of_memory"))
    assert row(view.known("a"), view.stage("a"), 1020.0).text == "failed: no memory \ufffd[0m"


def test_gates_are_told_apart_by_what_they_do_to_the_run() -> None:
    def kind(*, hard: bool, passed: bool, accepted: bool = False) -> str:
        gate = GateRecord("g", hard, passed, "loss 1 > 0", accepted={"who": "anna", "why": "."} if accepted else None)
        return row(StageRecord("a", "done", gates={"g": gate}), StageView("a"), 0.0).gates[0][0]

    assert kind(hard=True, passed=True) == "passed"
    assert kind(hard=True, passed=False) == "FAILED"
    assert kind(hard=False, passed=False) == "failed (soft)"
    assert kind(hard=True, passed=False, accepted=True) == "accepted"


def test_signs_have_a_form_for_terminals_without_unicode(tell: Tell) -> None:
    for state in ("pending", "running", "done", "up-to-date", "optional", "blocked", "failed", "interrupted"):
        assert row(StageRecord("a", state), StageView("a"), 0.0, ascii_only=True).sign.isascii()


def test_with_little_room_what_runs_or_failed_is_shown_first_and_the_rest_is_counted(tell: Tell) -> None:
    view = RunView()
    view.add(tell("run.started", stages=[f"s{index}" for index in range(100)]))
    for index in range(50):
        view.add(tell("stage.skipped", f"s{index}", status="up-to-date", reason="up to date"))
    view.add(tell("stage.started", "s99", attempt=1))
    names, more = choose(view, 10)
    assert len(names) == 9
    assert "s99" in names
    assert more == "and 91 more stages: 50 up to date, 41 waiting"


def test_the_footer_counts_while_it_runs_and_says_how_it_ended_afterwards(tell: Tell) -> None:
    view = running(tell, 3)
    assert footer(view, 1010.0) == "0 of 2 stages settled, 10 s"
    assert footer(view, 1010.0, "stopping") == "0 of 2 stages settled, 10 s; stopping"
    view.add(tell("run.finished", at=15.0, status="crash_loop", exit_code=2))
    assert footer(view, 1010.0) == "crash loop after 15 s, exit code 2"
