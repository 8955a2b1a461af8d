"""What a run came to, from plan and record."""

from __future__ import annotations

from pathlib import Path

from workshop import Workshop

from stagerun import Acceptance, Plan
from stagerun.record import GateRecord, RunInfo, RunRecord, StageRecord
from stagerun.render.summary import log_tail, skipped, summarise, what_next

from .conftest import PIPELINE


def sections(workshop: Workshop, plan: Plan, report: Path | None = None) -> dict[str, tuple[str, ...]]:
    assert workshop.engine.record is not None
    return {section.title: section.lines for section in summarise(workshop.engine.record, plan, report)}


def run(workshop: Workshop, *sets: str, accept: tuple[Acceptance, ...] = ()) -> Plan:
    plan = workshop.plan(*sets, registry=workshop.engine.registry)
    list(workshop.engine.run(plan, accept=accept))
    return plan


def test_an_override_is_not_told_of_a_gate_that_passes_by_now(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    run(workshop, accept=(Acceptance("train.loss", "just a test", "anna"),))
    workshop.write(PIPELINE.replace("max = 0.1", "max = 0.5"))
    assert sections(workshop, run(workshop))["gates"] == ("train.loss passed (hard): loss 0.1667 <= 0.5",)


def test_a_thousand_stages_that_are_up_to_date_take_one_line() -> None:
    stages = {f"s{index}": StageRecord(f"s{index}", "up-to-date", "up to date") for index in range(1000)}
    (line,) = skipped(RunRecord(stages=stages))
    assert line.startswith("1000 stages up to date: s0, s1, ")
    assert line.endswith(" and 988 more")


def test_metrics_gates_results_and_report_are_told(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    plan = run(workshop, "stages.train.with.steps=20")
    told = sections(workshop, plan, workshop.runs / "report.html")
    assert told["metrics"][0].startswith("train (in ")
    assert told["metrics"][0].endswith("): loss 0.05, started_at 0")
    assert told["gates"] == ("train.loss passed (hard): loss 0.05 <= 0.1",)
    assert f"train.model (model, 6 B): {workshop.runs / 'train/final/model.txt'}" in told["results"]
    assert told["results"][-1] == f"report: {workshop.runs / 'report.html'}"
    assert "next" not in told


def test_a_gate_that_holds_back_is_told_with_the_command_that_lets_it_pass(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    plan = run(workshop)
    (line,) = sections(workshop, plan)["next"]
    assert line.endswith('stagerun p.toml:demo --accept-gate train.loss --why "..."')


def test_an_accepted_gate_is_told_with_who_and_why(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    plan = run(workshop, accept=(Acceptance("train.loss", "just a test", "anna"),))
    told = sections(workshop, plan)
    assert told["gates"] == ("train.loss accepted (hard): loss 0.1667 > 0.1; accepted by anna: just a test",)
    assert "next" not in told


def test_estimated_and_real_time_are_compared_with_their_cost(plan: Plan) -> None:
    timing = {"estimated": 110.0, "low": 100.0, "high": 120.0, "after_step": 7, "took": 100.0, "off": 0.1}
    stages = {"train": StageRecord("train", "done", seconds=120.0, timing=timing)}
    record = RunRecord(runs=[RunInfo("r", state="done", price_per_hour=3.0, cost=0.25)], stages=stages)
    (section,) = [one for one in summarise(record, plan, None) if one.title == "time"]
    assert section.lines == (
        "train: 1 min 40 s to its last step; at step 7, 1 min 50 s were estimated (10.0% too much; 1 min 40 s to 2 min 00 s); "
        "it cost 0.10",
        "the whole run cost 0.25 at 3.00 an hour",
    )


def test_of_a_thousand_warnings_a_page_is_shown_and_the_rest_counted(plan: Plan) -> None:
    stage = StageRecord("train", "done", warnings=[f"warning {index}" for index in range(1000)])
    (section,) = [one for one in summarise(RunRecord(stages={"train": stage}), plan, None) if one.title == "warnings"]
    assert len(section.lines) == 30
    assert section.lines[-1].startswith("and 971 more")


def test_an_interrupted_run_is_told_to_be_run_again(plan: Plan) -> None:
    record = RunRecord(runs=[RunInfo("r", state="interrupted")])
    (line,) = what_next(record, plan)
    assert line.startswith("run the same command again")


def test_a_crash_loop_is_not_to_be_run_again(plan: Plan) -> None:
    stage = StageRecord("train", "failed", "boom", step=7)
    first, *_, last = what_next(RunRecord(runs=[RunInfo("r", state="crash_loop")], stages={"train": stage}), plan)
    assert first == "train failed at step 7: boom"
    assert "will not help" in last


def test_a_soft_gate_that_failed_holds_nothing_back(plan: Plan) -> None:
    stage = StageRecord("train", "done", gates={"loss": GateRecord("loss", hard=False, passed=False, text="too high")})
    assert list(what_next(RunRecord(runs=[RunInfo("r", state="done")], stages={"train": stage}), plan)) == []


def test_of_a_long_log_the_end_is_shown_without_what_progress_bars_drew_over(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("".join(f"line {index}\n" for index in range(100_000)) + "10%\r50%\r100%\n")
    tail = log_tail(log)
    assert tail[-2:] == ["line 99999", "100%"]
    assert len(tail) == 12


def test_a_log_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    assert log_tail(tmp_path / "log.txt") == []
