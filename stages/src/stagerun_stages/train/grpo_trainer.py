"""TRL's GRPOTrainer with what it lacks for an exact resume.

Its answers outlive a step when they are used more than once, so a checkpoint holds them. Its sampler draws a new order of the
prompts in every epoch from a generator that no checkpoint knows, so here the order follows from the seed and the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from trl import GRPOTrainer
from trl.trainer.utils import RepeatSampler

from stagerun.model.seal import write_json
from stagerun_stages.train.trainer import Watched

ROLLOUTS = "rollouts.pt"


class EpochOrder(RepeatSampler):
    """Shuffles by seed and epoch."""

    def __init__(self, *args: Any, epoch: Callable[[], int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        if self.shuffle:
            self.generator.manual_seed(self.seed + self.epoch())
        yield from super().__iter__()


class Trainer(Watched, GRPOTrainer):
    """Takes prompts that the chat template has rendered already; `encode` gives their tokens."""

    encode: Callable[[str], list[int]]

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [self.encode(prompt) for prompt in prompts], None, {}

    def _get_train_sampler(self, dataset: Any = None) -> RepeatSampler:
        return EpochOrder(
            self.train_dataset if dataset is None else dataset,
            mini_repeat_count=self.num_generations,
            batch_size=self.args.generation_batch_size // self.num_generations,
            repeat_count=self.num_iterations * self.args.steps_per_generation,
            shuffle=self.shuffle_dataset,
            seed=self.args.seed,
            epoch=lambda: int(self.state.epoch or 0),
        )

    def fill(self, folder: Path) -> None:
        """Keep the answers that later steps still use."""
        used = self._step % (self.args.steps_per_generation * self.num_iterations)
        rollouts = self._buffered_inputs if used else None
        torch.save({"step": self._step, "rollouts": rollouts}, folder / ROLLOUTS)
        if self.use_adaptive_entropy:  # read back by TRL, under this name
            state = {"entropy_coef": self.entropy_coef, "last_world_entropy": self._last_world_entropy}
            write_json(folder / "entropy_ctrl_state.json", state)

    def restore(self, folder: Path) -> None:
        """Go on with the answers that `fill` kept."""
        kept = torch.load(folder / ROLLOUTS, weights_only=True, map_location=self.args.device)
        self._step, self._buffered_inputs = kept["step"], kept["rollouts"]
