"""The judge: scheduling, retries, verdicts and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import frozen

from stagerun import Candidate, Check, Command, Completed, Ctx, Output, StageError, SuiteResult, Task
from stagerun.testing import run_stage
from stagerun_evaluators.judge import Local
from stagerun_evaluators.judge.slot import InfraError, Outcome, Slot
from stagerun_evaluators.judge.verdict import judgement, share
from stagerun_evaluators.python import Python

from .conftest import task

COMMAND = Command(("true",))
COMPILE, TEST = Check("compile", 0.1, COMMAND), Check("test", 0.9, COMMAND)
CHECKS, DONE = (COMPILE, TEST), (Completed(returncode=0),)
BUILT, HALF = SuiteResult(), SuiteResult(passed=frozenset({"a"}), failed=frozenset({"b"}))


def test_judgements_come_in_the_order_of_the_candidates(local: Local) -> None:
    codes = [f"def add(a, b): return {result}" for result in ("a + b", "3", "42", "0")] * 5
    found = local.judge([Candidate(task(), code) for code in codes])
    assert [len(one.passed) for one in found] == [2, 1, 1, 0] * 5


def test_a_stream_gives_the_quick_before_the_slow() -> None:
    local = Local(lambda _: Python(), workers=2)
    slow, quick = "import time\ntime.sleep(0.5)\ndef add(a, b): return a + b", "def add(a, b): return a + b"
    assert [position for position, _ in local.stream([Candidate(task(), slow), Candidate(task(), quick)])] == [1, 0]
    local.close()


def test_a_stream_that_is_left_early_judges_no_more(local: Local) -> None:
    stream = local.stream([Candidate(task(), "def add(a, b): return a + b")] * 50)
    next(stream)
    del stream
    assert local.judge([Candidate(task(), "def add(a, b): return a + b")])[0].verdict == "passed"


def test_nothing_runs_when_one_task_cannot_be_judged(local: Local) -> None:
    good, bad = Candidate(task(), "x = 1"), Candidate(Task(id="empty", language="python"))
    with pytest.raises(StageError, match="task empty has no test"):
        local.judge([good, bad])


def test_no_candidates_are_no_judgements(local: Local) -> None:
    assert local.judge([]) == []


def test_every_judgement_names_the_tier_of_isolation(local: Local) -> None:
    assert local.judge([Candidate(task(), "")])[0].isolation == "limits"


def test_what_the_tier_does_not_stop_is_told_once_to_the_stage_s_user(local: Local, tmp_path: Path) -> None:
    @frozen
    class Judging:
        produces: ClassVar = {"verdict": Output("report", "verdict.txt")}

        def run(self, ctx: Ctx) -> None:
            for _ in range(2):
                (ctx.out / "verdict.txt").write_text(ctx.judge.judge([Candidate(task(), "")])[0].verdict)

    (said,) = run_stage(Judging(), tmp_path, judge=local).kinds("stage.note")
    assert "isolation tier 'limits'" in said["text"]
    assert "does not stop the network, reading files" in said["text"]


@pytest.mark.parametrize("name", ["../escape.py", "/tmp/escape.py", "a/../../b.py", "", "a\0b"])
def test_a_file_outside_the_folder_is_tampering_and_is_never_written(local: Local, name: str) -> None:
    found = local.judge([Candidate(task(), files={name: "x", "solution.py": ""})])[0]
    assert (found.verdict, found.score) == ("tampered", 0.0)


def test_a_killed_keeper_is_replaced_and_its_candidate_judged_again(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Local(lambda _: Python(), workers=1)
    right = Candidate(task(), "def add(a, b): return a + b")
    alone.judge([right])
    slot = alone._free.get()
    assert slot._process is not None
    slot._process.kill()
    alone._free.put(slot)
    assert alone.judge([right])[0].verdict == "passed"
    alone.close()


def test_an_infrastructure_error_is_retried_once_and_then_has_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def broken(self: Slot, files: Mapping[str, str], commands: Sequence[Command]) -> Outcome:
        tries.append(1)
        raise InfraError("no space left")

    monkeypatch.setattr(Slot, "run", broken)
    found = Local(lambda _: Python(), workers=1).judge([Candidate(task(), "")])[0]
    assert (found.verdict, found.score, found.detail, len(tries)) == ("infra_error", None, "no space left", 2)


def test_the_score_is_the_weighted_sum_of_the_shares() -> None:
    assert judgement(CHECKS, DONE, (BUILT, HALF)).score == pytest.approx(0.1 + 0.45)


def test_a_test_check_without_a_test_earns_nothing() -> None:
    assert share(TEST, SuiteResult()) == 0.0


def test_what_was_not_built_earns_nothing() -> None:
    assert judgement(CHECKS, DONE, (SuiteResult(built=False), SuiteResult(built=False))).score == 0.0


@pytest.mark.parametrize(
    ("done", "result", "changed", "verdict"),
    [
        (Completed(returncode=None, timed_out=True), HALF, (), "timeout"),
        (Completed(returncode=-9, out_of_memory=True), HALF, (), "oom"),
        (Completed(returncode=0), SuiteResult(out_of_memory=True), (), "oom"),
        (Completed(returncode=0), SuiteResult(tampered=True), (), "tampered"),
        (Completed(returncode=None, timed_out=True), SuiteResult(tampered=True), (), "tampered"),
        (Completed(returncode=0), HALF, ("solution.py",), "tampered"),
    ],
)
def test_anything_but_passed_and_failed_scores_zero(
    done: Completed, result: SuiteResult, changed: tuple[str, ...], verdict: str
) -> None:
    found = judgement(CHECKS, (done,), (BUILT, result), changed)
    assert (found.verdict, found.score) == (verdict, 0.0)
