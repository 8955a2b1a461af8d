"""A stage fails: what is retried, what is not, and what the run ends with."""

from __future__ import annotations

import pytest
from workshop import Workshop, kinds, only

from stagerun import Engine, Exit, Failure, Registry
from stagerun.engine.failures import FailureHistory
from stagerun.hookspecs import impl

COUNT = """
[stages.count]
uses = "test.count"
with.die_at = 3
with.die_how = "HOW"
"""


def count(how: str, more: str = "") -> str:
    return COUNT.replace("HOW", how) + more


@pytest.mark.parametrize("how", ["raise", "kill", "exit"])
def test_three_failures_at_the_same_step_are_a_crash_loop_and_end_with_two(workshop: Workshop, how: str) -> None:
    workshop.write(count(how))
    events = workshop.run()
    assert kinds(events).count("stage.failed") == 3
    assert workshop.engine.exit_code == Exit.CRASH_LOOP
    assert "crash loop: it failed three times at step 3" in only(events, "stage.warning").data["text"]
    assert workshop.summary()["run"]["state"] == "crash_loop"


def test_a_crash_is_retried_from_the_newest_checkpoint(workshop: Workshop) -> None:
    workshop.write(count("kill", f'with.die_once = "{workshop.root}/died"'))
    events = workshop.run()
    assert workshop.engine.exit_code == Exit.DONE
    assert only(events, "stage.failed").data["reason"] == "killed"
    assert only(events, "checkpoint.resumed").data["step"] == 2
    assert (workshop.runs / "count/final/model.txt").read_text() == "10.5\n"
    steps = [line.split(",")[0] for line in (workshop.runs / "count/final/metrics.jsonl").read_text().splitlines()]
    assert steps == [f'{{"step": {step}' for step in range(1, 7)]


def test_a_mistake_that_no_retry_mends_is_not_retried(workshop: Workshop) -> None:
    workshop.write(count("stage_error"))
    events = workshop.run()
    assert kinds(events).count("stage.started") == 1
    assert only(events, "stage.failed").data["message"] == "dying as asked"
    assert workshop.engine.exit_code == Exit.FAILED


def test_memory_running_out_is_named(workshop: Workshop) -> None:
    workshop.write(count("memory", "retries = 0"))
    assert only(workshop.run(), "stage.failed").data["reason"] == "out_of_memory"


def test_zero_retries_means_one_attempt(workshop: Workshop) -> None:
    workshop.write(count("raise", "retries = 0"))
    assert kinds(workshop.run()).count("stage.started") == 1
    assert workshop.engine.exit_code == Exit.FAILED


def test_what_depends_on_a_failed_stage_is_blocked_and_the_rest_runs(workshop: Workshop) -> None:
    workshop.write("""
[stages.bad]
uses = "test.make"
with.fail = "no good"

[stages.after_bad]
uses = "test.take"
needs = { train = "bad" }

[stages.free]
uses = "test.make"
""")
    events = workshop.run()
    assert only([event for event in events if event.stage == "after_bad"], "stage.skipped").data == {
        "status": "blocked",
        "reason": "bad failed",
    }
    assert "stage.finished" in kinds(events, "free")
    assert workshop.engine.exit_code == Exit.FAILED


def test_a_plugin_may_forbid_a_retry(workshop: Workshop) -> None:
    class Strict:
        @impl
        def stagerun_on_failure(self, stage: str, failure: Failure) -> str | None:
            return "stop" if failure.reason == "exception" else None

    workshop.engine = Engine(Registry(plugins=[Strict()]))
    workshop.write(count("raise"))
    assert kinds(workshop.run()).count("stage.started") == 1


def test_progress_between_failures_earns_new_attempts() -> None:
    history = FailureHistory()
    for step in (10, 20, 30, 40, 50):
        assert history.add(Failure("killed", "", step), retries=1, said=None) == "retry"
    assert history.add(Failure("killed", "", 50), retries=1, said=None) == "retry"
    assert history.add(Failure("killed", "", 45), retries=1, said=None) == "stop"


def test_the_log_and_the_step_of_a_failure_are_told(workshop: Workshop) -> None:
    workshop.write(count("raise", "retries = 0"))
    failed = only(workshop.run(), "stage.failed").data
    assert failed["step"] == 3
    assert "RuntimeError: dying as asked" in (workshop.runs / "count/log.txt").read_text()
    assert failed["log"].endswith("count/log.txt")


def test_memory_running_out_is_no_loop_where_the_stage_takes_less_each_time() -> None:
    history = FailureHistory()
    for _ in range(5):
        assert history.add(Failure("out_of_memory", "", 0), retries=1, said=None, shrinks=True) == "retry"
    assert history.memory == 5
    assert history.add(Failure("killed", "", 0), retries=1, said=None, shrinks=True) == "retry"


def test_zero_retries_and_a_plugin_still_decide_when_memory_runs_out() -> None:
    short = Failure("out_of_memory", "", 0)
    assert FailureHistory().add(short, retries=0, said=None, shrinks=True) == "stop"
    assert FailureHistory().add(short, retries=2, said="stop", shrinks=True) == "stop"


SHRINK = """
[stages.shrink]
uses = "test.shrink"
with.enough = ENOUGH
"""


def test_a_stage_that_shrinks_is_tried_until_it_fits(workshop: Workshop) -> None:
    workshop.write(SHRINK.replace("ENOUGH", "4"))
    events = workshop.run()
    assert [event.data["reason"] for event in events if event.kind == "stage.failed"] == ["out_of_memory"] * 4
    assert only(events, "stage.finished").data["metrics"] == {"failures": 4.0}
    assert workshop.engine.exit_code == Exit.DONE


def test_a_stage_that_can_shrink_no_further_says_so_and_ends(workshop: Workshop) -> None:
    workshop.write(SHRINK.replace("ENOUGH", "99"))
    events = workshop.run()
    last = [event for event in events if event.kind == "stage.failed"][-1]
    assert (last.data["reason"], last.data["message"]) == ("stage_error", "it takes no less; make it smaller")
    assert workshop.engine.exit_code == Exit.FAILED


def test_a_worker_killed_for_memory_counts_as_memory_running_out(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stagerun.engine import attempt

    counted = workshop.root / "vmstat"
    counted.write_text("oom_kill 3\n")
    monkeypatch.setattr(attempt, "SYSTEM_OOM", counted)
    workshop.write(SHRINK.replace("ENOUGH", "1") + f'with.killed = "{counted}"')
    events = workshop.run()
    failed = only(events, "stage.failed").data
    assert failed["reason"] == "out_of_memory"
    assert "killed the worker (SIGKILL)" in failed["message"]
    assert only(events, "stage.finished").data["metrics"] == {"failures": 1.0}
