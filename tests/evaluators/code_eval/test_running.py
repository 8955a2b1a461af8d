"""`code.eval` with a judge that answers from a table: records in order, reports, warnings, refusals before anything runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stagerun import Candidate, Diagnostic, Judgement, StageError, Task
from stagerun.testing import StageRun, dataset, run_stage
from stagerun_evaluators.code_eval import CodeEval

TASKS = [{"id": name, "language": "python", "tests": "x"} for name in ("a", "b")]


class Table:
    """Judges by the candidate's words; gives judgements back to front, `behind` at a time, as a busy judge may."""

    notice = "nothing is run"

    def __init__(self, behind: int = 3) -> None:
        self.behind, self.seen = behind, 0

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        held: list[tuple[int, Judgement]] = []
        for place, candidate in enumerate(candidates):
            self.seen += 1
            held.append((place, self.one(candidate)))
            if len(held) == self.behind:
                yield from reversed(held)
                held = []
        yield from reversed(held)

    def one(self, candidate: Candidate) -> Judgement:
        if candidate.code == "infra":
            return Judgement("infra_error", None, detail="the keeper is gone")
        told = (Diagnostic("solution.py", 1, candidate.code, code="E1", tool="mypy"),)
        score = 1.0 if candidate.code == "passed" else 0.0
        return Judgement(
            candidate.code,
            score,
            frozenset({"t"}),
            shares={"test": score},
            diagnostics=told,
            isolation="limits",
            scoring="3",
        )

    def metrics(self, language: str) -> Mapping[str, str]:
        return {"test": f"{language}_tests_rate"}


def evaluated(tmp_path: Path, codes: Mapping[str, list[str]], judge: Any = None, **options: Any) -> StageRun:
    rows = [{"task_id": task, "code": code} for task, each in codes.items() for code in each]
    inputs = {"tasks": dataset(tmp_path / "tasks.jsonl", TASKS), "solutions": dataset(tmp_path / "s.jsonl", rows)}
    return run_stage(CodeEval(**options), tmp_path / "run", inputs, judge=judge or Table())


def records(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "run/final/records.jsonl").read_text().splitlines()]


def warnings(done: StageRun) -> str:
    return "\n".join(event["text"] for event in done.kinds("stage.warning"))


def test_pass_at_k_and_the_languages_own_rates_are_metrics(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed", "failed"], "b": ["failed", "failed"]}, k=(1, 2))
    assert (done.metrics["pass_at_1"], done.metrics["pass_at_2"]) == (0.25, 0.5)
    assert (done.metrics["python_tests_rate"], done.metrics["failed"], done.metrics["tasks"]) == (0.25, 3, 2)
    assert warnings(done) == ""


def test_every_sample_has_a_record_in_the_order_of_the_file(tmp_path: Path) -> None:
    evaluated(tmp_path, {"a": ["passed", "timeout", "oom", "failed"], "b": ["tampered"]})
    rows = records(tmp_path)
    assert [row["verdict"] for row in rows] == ["passed", "timeout", "oom", "failed", "tampered"]
    assert [(row["task_id"], row["sample"]) for row in rows[3:]] == [("a", 3), ("b", 0)]
    first = rows[0]
    assert (first["score"], first["shares"], first["passed"], first["isolation"]) == (
        1.0,
        {"test": 1.0},
        ["t"],
        "limits",
    )
    assert first["diagnostics"][0]["tool"] == "mypy"
    assert {"detail", "scoring", "language"} <= first.keys()


def test_what_a_sample_took_stands_apart_so_that_records_are_the_same_every_time(tmp_path: Path) -> None:
    evaluated(tmp_path, {"a": ["passed", "failed"], "b": ["failed"]})
    assert not {"cached", "cpu", "seconds"} & records(tmp_path)[0].keys()
    rows = [json.loads(line) for line in (tmp_path / "run/final/costs.jsonl").read_text().splitlines()]
    assert rows[1] == {"task_id": "a", "sample": 1, "seconds": 0.0, "cpu": 0.0, "cached": False}


def test_the_report_tells_languages_checks_verdicts_isolation_and_the_tasks_solved_least(tmp_path: Path) -> None:
    evaluated(tmp_path, {"a": ["passed", "failed"], "b": ["failed", "infra"]})
    report = (tmp_path / "run/final/report.md").read_text()
    assert "4 solutions to 2 tasks: 1 passed." in report
    assert "| python   |     2 |       3 |  0.250 | 0.333 |" in report
    assert "| python   | test  | python_tests_rate |            1 | 0.333 |" in report
    assert "| python   | limits    |       3 |       3 |" in report
    assert "## Solved least: 2 of the 2 tasks" in report


def test_names_of_tasks_cannot_break_the_report(tmp_path: Path) -> None:
    evil = "a | b\n# ![x](y)<script>"
    rows = [{"id": evil, "language": "python", "tests": "x"}]
    inputs = {
        "tasks": dataset(tmp_path / "tasks.jsonl", rows),
        "solutions": dataset(tmp_path / "s.jsonl", [{"task_id": evil, "code": "failed"}]),
    }
    run_stage(CodeEval(), tmp_path / "run", inputs, judge=Table())
    report = (tmp_path / "run/final/report.md").read_text()
    assert "<script>" not in report
    assert "| a ? b?# ![x](y)?script?" in report


def test_tasks_without_a_solution_count_as_not_solved_and_are_told(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed"]})
    assert (done.metrics["pass_at_1"], done.metrics["tasks_without_solutions"]) == (0.5, 1)
    assert "1 of 2 tasks have no solution and count as not solved" in warnings(done)


def test_a_subset_is_judged_as_one_when_it_is_meant(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed"]}, subset=True)
    assert (done.metrics["pass_at_1"], done.metrics["tasks"]) == (1.0, 1)


def test_a_limit_takes_the_first_tasks_and_their_solutions(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"b": ["failed"], "a": ["passed"]}, limit=1)
    assert (done.metrics["pass_at_1"], done.metrics["samples"]) == (1.0, 1)


def test_samples_nobody_could_judge_are_told_and_no_part_of_any_rate(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed", "infra"], "b": ["passed"]}, k=(1, 2))
    assert (done.metrics["pass_at_1"], done.metrics["unjudged"]) == (1.0, 1)
    assert "1 of 3 samples could not be judged" in warnings(done)
    assert "2 tasks have fewer than 2 judged samples" in warnings(done)


def test_verdicts_of_two_tiers_are_not_mixed_unseen(tmp_path: Path) -> None:
    class Two(Table):
        def one(self, candidate: Candidate) -> Judgement:
            tier = "limits" if candidate.code == "passed" else "landlock"
            return Judgement(candidate.code, 1.0, shares={"test": 1.0}, isolation=tier, scoring="3")

    told = warnings(evaluated(tmp_path, {"a": ["passed", "failed"], "b": ["failed"]}, judge=Two()))
    assert "python: samples were judged in different ways" in told


def test_a_fault_in_the_last_line_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    judge = Table()
    with pytest.raises(StageError, match=r's.jsonl:3: there is no task "c"'):
        evaluated(tmp_path, {"a": ["passed"], "b": ["passed"], "c": ["passed"]}, judge=judge)
    assert judge.seen == 0


def test_solutions_to_none_of_the_tasks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="has no solutions to these tasks"):
        evaluated(tmp_path, {"b": ["passed"]}, limit=1)


def test_a_language_without_its_tools_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    class Without(Table):
        def missing(self, language: str) -> list[str]:
            raise StageError(f"language {language}: cargo was not found")

    judge = Without()
    with pytest.raises(StageError, match="cargo was not found"):
        evaluated(tmp_path, {"a": ["passed"]}, judge=judge)
    assert judge.seen == 0


class Choosy(Table):
    """A judge that does not take task b."""

    def refusals(self, tasks: Iterable[Task]) -> dict[str, str]:
        return {task.id: f"task {task.id} needs the crate time" for task in tasks if task.id == "b"}


def test_a_task_that_cannot_be_judged_is_an_error_before_anything_is_judged(tmp_path: Path) -> None:
    judge = Choosy()
    with pytest.raises(StageError, match="task b needs the crate time; skip_refused = true leaves such tasks out"):
        evaluated(tmp_path, {"a": ["passed"], "b": ["passed"]}, judge=judge)
    assert judge.seen == 0


def test_tasks_that_cannot_be_judged_are_left_out_and_told_when_that_is_meant(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed"], "b": ["failed"]}, judge=Choosy(), skip_refused=True)
    assert (done.metrics["pass_at_1"], done.metrics["tasks"], done.metrics["tasks_refused"]) == (1.0, 1, 1)
    assert "1 of 2 tasks cannot be judged here and are left out" in warnings(done)


def test_an_optional_tool_that_is_missing_is_told(tmp_path: Path) -> None:
    class Lacking(Table):
        def missing(self, language: str) -> list[str]:
            return ["lint-tool"]

    done = evaluated(tmp_path, {"a": ["passed"], "b": ["passed"]}, judge=Lacking())
    assert "python: lint-tool is not installed; its check is left out" in warnings(done)


def test_progress_is_told_for_every_sample_and_a_history_is_kept(tmp_path: Path) -> None:
    done = evaluated(tmp_path, {"a": ["passed"] * 3, "b": ["failed"]})
    steps = [(event["step"], event["total"]) for event in done.kinds("stage.progress") if "total" in event]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    rows = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert rows[-1] == {"step": 4, "pass_rate": 0.75}


@pytest.mark.parametrize(
    ("options", "complaint"), [({"k": ()}, "k is []"), ({"k": (1, 0)}, "k is [1, 0]"), ({"limit": -1}, "limit is -1")]
)
def test_options_that_make_no_sense_are_found_while_planning(options, complaint) -> None:
    assert complaint in "\n".join(CodeEval(**options).check())
