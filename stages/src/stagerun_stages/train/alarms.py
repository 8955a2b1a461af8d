"""Tells while GRPO runs that little is learned: groups without a difference, answers cut off, answers nobody could judge.

Each alarm looks at the last rows of metrics, is told once, and again only after its share was below the limit in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.train.trainer import RECENT, Progress, unjudged_share

WHAT = {
    "equal_groups": "of the groups got the same reward for every answer, so that nothing was learned from them; give "
    "prompts that are neither too easy nor too hard, or raise temperature or generations",
    "truncated": "of the answers were cut off at max_completion_length; raise it, or lower the reasoning effort",
    "unjudged": "of the answers could not be judged and were left out; look at the judge",
}


class LearnsNothing(TrainerCallback):
    """Warns when one of the shares exceeds `limit` over the last rows; add it after the callback that reports them."""

    def __init__(self, ctx: Ctx, progress: Progress, limit: float) -> None:
        self.ctx, self.run, self.limit = ctx, progress, limit
        self.told: set[str] = set()

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Judge the rows up to the step before, once there are enough."""
        if len(self.run.rows) == RECENT:
            self.judge(state.global_step, shares(self.run))

    def on_train_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Judge also a training that was shorter."""
        self.judge(state.global_step, shares(self.run))

    def judge(self, step: int, found: Mapping[str, float]) -> None:
        """Compare shares with the limit; one that is no number exceeds nothing."""
        for name, share in found.items():
            if share <= self.limit:
                self.told.discard(name)
            elif share > self.limit and name not in self.told:
                self.told.add(name)
                self.ctx.warn(f"up to step {step}, {share:.0%} {WHAT[name]}")


def shares(progress: Progress) -> dict[str, float]:
    """The shares that alarms are about: of the last rows, and for what could not be judged of all answers so far."""
    rows = {name: progress.mean(name) for name in ("equal_groups", "truncated")}
    return {**rows, "unjudged": unjudged_share(progress)}
