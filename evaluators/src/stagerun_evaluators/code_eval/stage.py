"""`code.eval`: what it takes, makes and measures. The work is in running.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from stagerun import Ctx, Need, Output, option


@frozen(kw_only=True)
class CodeEval:
    """Judges saved solutions against their tasks: pass@k, the rate of each check, a table, and a record of every sample."""

    needs: ClassVar[Mapping[str, Need]] = {
        "tasks": Need("dataset", about="JSON Lines, task folders, HumanEval rows or Exercism exercises"),
        "solutions": Need("dataset", about='rows of {"task_id": ..., "code": ...}, or with completion, files or patch'),
    }
    produces: ClassVar[Mapping[str, Output]] = {
        "records": Output("dataset", "records.jsonl", about="every sample: verdict, score, checks, tests, diagnostics"),
        "costs": Output(
            "dataset", "costs.jsonl", about="what each took, and whether it was known; differs from run to run"
        ),
        "report": Output("report", "report.md", about="the tables for people"),
    }
    metrics: ClassVar[tuple[str, ...]] = (
        "pass_at_*",
        "*_pass_at_*",
        "*_rate",
        "mean_score",
        "tasks",
        "tasks_without_solutions",
        "tasks_refused",
        "samples",
        "passed",
        "failed",
        "timeout",
        "oom",
        "tampered",
        "tampered_share",
        "unjudged",
        "unjudged_share",
    )
    resources: ClassVar[Mapping[str, int]] = {"cpu": 2}

    k: tuple[int, ...] = option((1,), about="pass@k is told for each of these, where every task has that many samples")
    language: str = option("", about="language of tasks that do not name theirs")
    limit: int = option(0, about="tasks judged, the first ones; 0: all")
    subset: bool = option(
        False, about="leave out tasks that have no solution; otherwise each counts as one that was not solved"
    )
    skip_refused: bool = option(
        False, about="leave out tasks that cannot be judged here, such as one that needs a package; otherwise an error"
    )
    worst: int = option(20, about="tasks that the report lists as solved least", affects_result=False)

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        if not self.k or min(self.k) < 1:
            yield f"k is {list(self.k)}; it must be a list of numbers from 1"
        for name in ("limit", "worst"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}; it must not be negative"

    def languages(self) -> Iterator[str]:
        """Any that a task may be in, and the one that is named."""
        yield "*"
        if self.language:
            yield self.language

    def run(self, ctx: Ctx) -> None:
        """Judge; writes the records and the report."""
        from stagerun_evaluators.code_eval.running import run

        run(self, ctx)
