"""`train.grpo`: reinforcement learning against tests that run. Only the options; the work is in run_grpo.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from stagerun import Ctx, Need, Output, option
from stagerun_stages.train.options import Training


@frozen(kw_only=True)
class Grpo(Training):
    """Rewards what passes: rows of `{"prompt": [...], "task": {...}}`, several answers each, judged in a sandbox."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what is trained; an adapter is continued, and is the reference"),
        "train": Need("dataset", about="rows with prompt messages and a task for the judge, or an expected answer"),
        "heldout": Need("dataset", optional=True, many=True, about="questions asked before and after training"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"adapter": Output("adapter", "adapter", base="model")}
    metrics: ClassVar[tuple[str, ...]] = (
        "loss",
        "first_loss",
        "reward",
        "equal_groups",
        "truncated",
        "kl",
        "answer_tokens",
        "judged",
        "unjudged",
        "unjudged_share",
        "passed",
        "passed_share",
        "timeout",
        "timeout_share",
        "oom",
        "tampered",
        "tampered_share",
        "grad_norm",
        "learning_rate",
        "rows",
        "rows_cut",
        "share_cut",
        "trainable_parameters",
        "micro_batch",
        "exact_match",
        "exact_match_before",
        "pass_rate",
        "pass_rate_before",
    )
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}
    shrinks: ClassVar[bool] = True
    judges_in_each: ClassVar[bool] = True

    learning_rate: float = option(1e-6, about="peak learning rate")
    reward: str = option(
        "python", about="language of tasks that do not name theirs; empty: no judge, rows say what they expect"
    )
    generations: int = option(8, about="answers to each prompt; they are compared with each other")
    max_completion_length: int = option(512, about="longest answer in tokens")
    temperature: float = option(1.0, about="how freely answers are sampled")
    alarm: float = option(
        0.8,
        about="share of groups with equal rewards, of cut answers or of unjudged ones above which there is a warning",
        affects_result=False,
    )
    beta: float = option(0.0, about="weight of the divergence from the starting model")

    @property
    def keeps_reference(self) -> bool:  # type: ignore[override]
        """Only where the divergence from it counts."""
        return bool(self.beta)

    @property
    def generates(self) -> tuple[int, int, int]:
        """All answers of a process between two generations at once: of a global batch, unless `trainer` says how many."""
        pieces = int(self.trainer.get("steps_per_generation") or self.accumulation)
        rows = int(self.trainer.get("generation_batch_size") or self.batch_size * pieces)
        return rows // self.launch.processes, self.max_length - self.max_completion_length, self.max_completion_length

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        yield from super().check()
        if self.generations < 2:
            yield f"generations is {self.generations}; a group needs at least 2"
        elif (self.batch_size * self.accumulation) % self.generations:
            answers = self.batch_size * self.accumulation
            yield f"batch_size x accumulation is {answers}; it must divide into groups of {self.generations} generations"
        if not 0 < self.max_completion_length < self.max_length:
            yield f"max_completion_length is {self.max_completion_length}; max_length {self.max_length} must exceed it"
        if not 0 <= self.alarm <= 1:
            yield f"alarm is {self.alarm}; it must be between 0 and 1"
        if self.temperature <= 0:
            yield f"temperature is {self.temperature}; it must be above 0"

    def languages(self) -> Iterator[str]:
        """The languages a judge is needed for: any that a task may name; none when every row says what it expects."""
        if self.reward:
            yield from (self.reward, "*")

    def train(self, ctx: Ctx) -> None:
        """Train in this process; writes `adapter/` with its lineage."""
        from stagerun_stages.train.run_grpo import run

        run(self, ctx)
