"""`train.grpo` whose answers do not depend on how many processes share the work, for tests that compare what is learned.

The random numbers of an answer follow from its place among all answers of a generation; they are drawn where transformers draws
its own. Model, generation, judge and training are as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from stagerun import Ctx
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Lora


@frozen(kw_only=True)
class Alike(Grpo):
    """The stage with such random numbers."""

    def train(self, ctx: Ctx) -> None:
        """Train in this process, which may be one of several."""
        with drawn_by_place():
            super().train(ctx)


def stage(kind: type[Grpo] = Alike, **options: Any) -> Any:
    """Steps of three prompts with four answers, of which two processes take six each."""
    given = {
        "lora": Lora(rank=4, alpha=8.0),
        "learning_rate": 1e-2,
        "max_steps": 4,
        "batch_size": 4,
        "accumulation": 3,
        "generations": 4,
        "max_completion_length": 6,
        "save_steps": 3,
    }
    return kind(**{**given, **options})


@contextmanager
def drawn_by_place() -> Iterator[None]:
    """Within the block, tokens of GRPO's answers are drawn by generation, place and position."""
    import torch

    from stagerun_stages.train.grpo_trainer import Trainer

    whole, usual = Trainer._generate_single_turn, torch.multinomial

    def single_turn(self: Any, *args: Any, **kwargs: Any) -> Any:
        torch.multinomial = _Draw(self._step // self.divided)
        try:
            return whole(self, *args, **kwargs)
        finally:
            torch.multinomial = usual

    Trainer._generate_single_turn = single_turn
    try:
        yield
    finally:
        Trainer._generate_single_turn = whole


class _Draw:
    """One generation's tokens: a level for each answer of every process, of which this one takes its own."""

    def __init__(self, generation: int) -> None:
        import torch

        self.numbers = torch.Generator().manual_seed(generation)

    def __call__(self, chances: Any, num_samples: int) -> Any:
        import torch

        from stagerun_stages.train import together

        assert num_samples == 1
        rows = len(chances)
        levels = torch.rand(rows * together.count(), generator=self.numbers, dtype=torch.float64)
        mine = levels[rows * together.rank() :][:rows, None]
        return (chances.double().cumsum(-1) < mine).sum(-1, keepdim=True).clamp(max=chances.shape[-1] - 1)
