"""What follows a failed attempt: another one, or the end of the stage.

The same failure at the same step three times is a crash loop. Failures that no retry can mend are not retried. Memory running
out in a stage that takes less at its next attempt is no loop, and costs no retry: the stage itself says when it can take no less.
"""

from __future__ import annotations

from typing import Literal

from attrs import define, field

from stagerun.errors import Failure

Verdict = Literal["retry", "stop", "crash_loop"]
FINAL = frozenset({"stage_error", "missing_output", "nan", "disk_full"})
LOOP = 3


@define
class FailureHistory:
    """The failures of one stage in one run."""

    seen: list[Failure] = field(factory=list)
    fruitless: int = 0  # failures in a row without getting further than ever before
    best: int = -1
    memory: int = 0  # times the memory ran out

    def add(self, failure: Failure, retries: int, said: str | None, *, shrinks: bool = False) -> Verdict:
        """Judge a new failure. `retries` attempts may follow without progress; `said` is a plugin's word, which decides."""
        self.memory += failure.reason == "out_of_memory"
        if shrinks and failure.reason == "out_of_memory" and retries and said != "stop":
            return "retry"
        self.seen.append(failure)
        step = failure.step or 0
        self.fruitless = 0 if step > self.best and self.best >= 0 else self.fruitless + 1
        self.best = max(self.best, step)
        last = self.seen[-LOOP:]
        if len(last) == LOOP and len({(one.reason, one.step) for one in last}) == 1:
            return "crash_loop"
        if said in ("retry", "stop"):
            return "retry" if said == "retry" else "stop"
        if failure.reason in FINAL or self.fruitless > retries:
            return "stop"
        return "retry"
