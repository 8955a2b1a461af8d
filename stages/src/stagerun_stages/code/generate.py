"""`code.generate`: a model answers tasks, several times each. Only the options; the work is in generating.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Estimate, Hardware, Need, Output, Policy, Room, option
from stagerun_stages.train import templates


@frozen(kw_only=True)
class Generate:
    """Makes saved solutions of a model's answers to tasks, for code.eval; a kill loses one batch at most."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what answers"),
        "tasks": Need("dataset", about="JSON Lines, task folders, HumanEval rows or Exercism exercises"),
    }
    produces: ClassVar[Mapping[str, Output]] = {
        "solutions": Output(
            "dataset", "solutions.jsonl", about="rows of task_id, sample, and code, completion or patch"
        ),
    }
    metrics: ClassVar[tuple[str, ...]] = ("tasks", "samples", "answer_tokens", "truncated", "micro_batch")
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}
    shrinks: ClassVar[bool] = True

    samples: int = option(1, about="answers to each task")
    temperature: float = option(
        0.8, about="how freely answers are sampled; 0: always the likeliest token, and one sample"
    )
    top_p: float = option(1.0, about="sample from the likeliest tokens that make up this share")
    max_new_tokens: int = option(512, about="longest answer, in tokens")
    batch_size: int = option(16, about="answers made at once")
    limit: int = option(0, about="tasks answered, the first ones; 0: all")
    language: str = option("", about="language of tasks that do not name theirs")
    prompt: str = option(
        "{statement}", about="how a task is put to the model; {statement}, {language}, {entry} and {id} are filled in"
    )
    chat: Mapping[str, Any] = option(factory=dict, about="passed to the chat template, such as reasoning_effort")
    chat_template: str = option(
        "", about='one that TRL ships, such as "qwen3", or a .jinja file, in place of the model\'s own'
    )
    date: str = option("2025-08-01", about="the day a chat template that prints the date is told")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        yield from templates.complaints(self.chat_template)
        for name in ("samples", "max_new_tokens", "batch_size"):
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}; it must be at least 1"
        if self.limit < 0:
            yield f"limit is {self.limit}; it must not be negative"
        if self.temperature < 0:
            yield f"temperature is {self.temperature}; it must not be negative"
        elif not self.temperature and self.samples > 1:
            yield f"temperature 0 gives {self.samples} samples that are all the same; raise it, or set samples = 1"
        if not 0 < self.top_p <= 1:
            yield f"top_p is {self.top_p}; it must be above 0 and at most 1"
        if "{statement}" not in self.prompt:
            yield "prompt has no {statement}: the model would not be told what to do"

    def estimate(self, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
        """What generating takes of the device, from the model's configuration alone."""
        from stagerun_stages.models.needs import of_answers

        return of_answers(origins.get("model"), policy, self.batch_size, self.max_new_tokens)

    def room(self, origins: Mapping[str, Any], hardware: Hardware) -> Room | None:
        """How many answers fit the device at once."""
        from stagerun_stages.models.room import of_answers

        return of_answers(self, origins, hardware)

    def reads(self) -> Iterator[str]:
        """The chat template, where it is a file."""
        if self.chat_template.endswith(templates.ENDING):
            yield self.chat_template

    def run(self, ctx: Ctx) -> None:
        """Answer every task; writes the solutions."""
        from stagerun_stages.code.generating import run

        run(self, ctx)
