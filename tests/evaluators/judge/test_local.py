"""The judge: scheduling, retries, equal candidates, ranking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import frozen

from stagerun import Candidate, Command, Ctx, Output, StageError, Task
from stagerun.testing import run_stage
from stagerun_evaluators.judge import Local
from stagerun_evaluators.judge.pool import InfraError, LocalBench

from .toy import Toy, toy

RIGHT = "echo right"


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    judge = Local(lambda _: Toy(), workers=2, cache=False)
    yield judge
    judge.close()


def test_judgements_come_in_the_order_of_the_candidates(local: Local) -> None:
    found = local.judge([toy(code) for code in (RIGHT, "echo wrong", "exit 3") * 7])
    assert [one.verdict for one in found] == ["passed", "failed", "failed"] * 7


def test_a_stream_gives_the_quick_before_the_slow(local: Local) -> None:
    assert [position for position, _ in local.stream([toy("sleep 0.5; echo right"), toy(RIGHT)])] == [1, 0]


def test_a_stream_that_is_left_early_judges_no_more(local: Local) -> None:
    stream = local.stream([toy(f"{RIGHT} # {number}") for number in range(50)])
    next(stream)
    del stream
    assert local.judge([toy(RIGHT)])[0].verdict == "passed"


def test_candidates_are_taken_only_as_there_is_room(local: Local) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Candidate]:
        while True:
            taken.append(1)
            yield toy(f"{RIGHT} # {len(taken)}")

    stream = local.stream(endless())
    next(stream)
    assert len(taken) <= 100
    stream.close()  # type: ignore[attr-defined]


def test_nothing_runs_when_one_task_cannot_be_judged(local: Local, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch(0o666)
    bad = Candidate(Task(id="empty", language="toy", meta={"unfit": True}), RIGHT)
    with pytest.raises(StageError, match="task empty has no test"):
        local.judge([toy(f"echo ran > {mark}"), bad])
    assert mark.read_text() == ""


def test_no_candidates_are_no_judgements(local: Local) -> None:
    assert local.judge([]) == []


def test_equal_candidates_are_judged_once(tmp_path: Path) -> None:
    judge = Local(lambda _: Toy(), workers=1)
    code = f"{RIGHT} # {tmp_path}"
    found = judge.judge([toy(code)] * 4)
    assert [one.cached for one in found] == [False, True, True, True]
    judge.close()


def test_every_judgement_names_the_tier_of_isolation_and_the_version_of_the_score(local: Local) -> None:
    found = local.judge([toy(RIGHT)])[0]
    assert (found.isolation, found.scoring) == (local.isolation.tier, "toy-1")


def test_solutions_are_ranked_by_verdict_score_and_complaints(local: Local) -> None:
    codes = ["exit 3", "echo wrong", "echo right # untidy", RIGHT]
    assert [position for position, _ in local.rank([toy(code) for code in codes])] == [3, 2, 1, 0]


def test_what_the_tier_does_not_stop_is_told_once_to_the_stage_s_user(local: Local, tmp_path: Path) -> None:
    @frozen
    class Judging:
        produces: ClassVar = {"verdict": Output("report", "verdict.txt")}

        def run(self, ctx: Ctx) -> None:
            for _ in range(2):
                (ctx.out / "verdict.txt").write_text(ctx.judge.judge([toy(RIGHT)])[0].verdict)

    (said,) = run_stage(Judging(), tmp_path, judge=local).kinds("stage.note")
    assert said["text"] == local.notice


def test_a_killed_keeper_is_replaced_and_its_candidate_judged_again() -> None:
    alone = Local(lambda _: Toy(), workers=1, cache=False)
    alone.judge([toy(RIGHT)])
    with alone._pool.lease() as bench:
        assert isinstance(bench, LocalBench)
        for slot in bench._slots.values():
            assert slot._process is not None
            slot._process.kill()
    assert alone.judge([toy(RIGHT)])[0].verdict == "passed"
    alone.close()


def test_an_infrastructure_error_is_retried_once_and_then_has_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, tries = Local(lambda _: Toy(), workers=1, cache=False), []
    judge.judge([toy(RIGHT)])

    def broken(*_: object) -> None:
        tries.append(1)
        raise InfraError("no space left")

    monkeypatch.setattr(LocalBench, "request", broken)
    found = judge.judge([toy(RIGHT)])[0]
    assert (found.verdict, found.score, found.detail, len(tries)) == ("infra_error", None, "no space left", 2)
    judge.close()


def test_a_language_that_cannot_read_its_tool_s_words_breaks_the_call_not_the_judge(local: Local) -> None:
    with pytest.raises(KeyError, match="unreadable"):
        local.judge([toy("echo unreadable")])
    assert local.judge([toy(RIGHT)])[0].verdict == "passed"


def test_a_missing_tool_is_named_with_the_line_that_installs_it_before_anything_runs() -> None:
    judge = Local(lambda _: Toy(tool="no-such-compiler"), workers=1, cache=False)
    with pytest.raises(StageError, match="language toy: no-such-compiler was not found.*apt install it"):
        judge.judge([toy(RIGHT)])
    assert [(tool.name, tool.found) for tool in judge.toolchains("toy")] == [("no-such-compiler", False)]
    judge.close()


def test_the_metric_of_each_check_is_known_after_judging(local: Local) -> None:
    local.judge([toy(RIGHT)])
    assert local.metrics("toy") == {"test": "toy_pass_rate"}


def test_a_command_that_was_run_for_one_check_is_not_run_for_another(local: Local) -> None:
    assert local.judge([toy("echo x >> runs; wc -l < runs; echo right")])[0].detail.strip() == "1"


def test_a_command_s_files_are_laid_over_what_the_candidate_left_there(local: Local) -> None:
    found = local.judge([toy("ln -s /dev/null answer; echo right")])[0]
    assert found.verdict == "passed"


def test_commands_are_never_confused_by_a_timeout(local: Local) -> None:
    found = local.judge([toy("while :; do :; done"), toy(RIGHT)])
    assert [one.verdict for one in found] == ["timeout", "passed"]


def test_the_command_of_a_probe_is_an_ordinary_command() -> None:
    assert Toy().tools()[0].probe == Command(("sh", "-c", "echo sh 1"))
