"""TRL's GRPOTrainer with what it lacks for an exact resume.

Its answers outlive a step when they are used more than once, so a checkpoint holds them. Its sampler draws a new order of the
prompts in every epoch from a generator that no checkpoint knows, so here the order follows from the seed and the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import send_to_device
from trl import GRPOTrainer
from trl.trainer.utils import RepeatSampler

from stagerun import Policy
from stagerun.model.seal import write_json
from stagerun_stages.models.attention import generating
from stagerun_stages.train import sharded, together
from stagerun_stages.train.endings import watching
from stagerun_stages.train.filling import Shared
from stagerun_stages.train.reward import Reward
from stagerun_stages.train.rollouts import copied, dealt
from stagerun_stages.train.trainer import Held, Watched

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


class Trainer(Watched, Shared, GRPOTrainer):
    """Takes prompts that the chat template has rendered already; `encode` gives their tokens."""

    encode: Callable[[str], list[int]]
    reward: Reward
    policy: Policy
    _rows: Sequence[int] = ()  # of the answers that are being generated
    _kept: Sequence[Any] = ()  # answers for the checkpoint that is being written, by process

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> Any:
        """Generation and judging side by side; rewards are asked for when both have gone as far as they can."""
        self._rows = [each["row"] for each in inputs]
        try:
            return super()._generate_and_score_completions(inputs)
        except BaseException:
            self.reward.abandon()
            raise

    def _generate_single_turn(self, prompt_ids: list[list[int]], *args: Any, **kwargs: Any) -> Any:
        """The answers; each goes to the judge when it ends, those that are cut off when all have."""
        if len(prompt_ids) != len(self._rows):  # a part of them, again, after a tool was called
            return super()._generate_single_turn(prompt_ids, *args, **kwargs)
        told: set[int] = set()

        def ended(place: int, tokens: list[int]) -> None:
            told.add(place)
            self.reward.offer(place, self._rows[place], tokens)

        net = self.accelerator.unwrap_model(self.model_wrapped)
        ready = sharded.generating(self.model_wrapped)
        with ready, generating(net, self.policy), watching(net, self.eos_token_ids, ended):
            found, logprobs = super()._generate_single_turn(prompt_ids, *args, **kwargs)
        for place, tokens in enumerate(found):
            if place not in told:
                ended(place, tokens)
        return found, logprobs

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

    def _held(self) -> Held:
        """Also the answers of each process that later steps still use; None between two generations."""
        used = self._step % (self.args.steps_per_generation * self.num_iterations)
        mine = [copied(piece) for piece in self._buffered_inputs] if used else None
        self._kept = together.gathered(mine)
        return super()._held()

    def fill(self, folder: Path) -> None:
        """Keep the answers that later steps still use, of all processes."""
        torch.save({"step": self._step, "rollouts": self._kept, "divided": self.divided}, folder / ROLLOUTS)
        if self.use_adaptive_entropy:  # read back by TRL, under this name
            state = {"entropy_coef": self.entropy_coef, "last_world_entropy": self._last_world_entropy}
            write_json(folder / "entropy_ctrl_state.json", state)

    def restore(self, folder: Path) -> None:
        """Go on with the answers that `fill` kept, also in other pieces or with another number of processes; that one is told.

        Raises StageError for answers that cannot be dealt out anew.
        """
        kept = torch.load(folder / ROLLOUTS, weights_only=True, map_location="cpu")
        before, parts = kept["divided"], kept["rollouts"]
        self._step = kept["step"] * self.divided // before
        if len(parts) != together.count():
            self._draw_anew(len(parts))
        if parts[0] is not None:
            every = dealt(parts, before, self.divided, together.count(), self._tokenizer.pad_token_id)
            self._buffered_inputs = send_to_device(every[together.rank()], self.args.device)

    def _draw_anew(self, wrote: int) -> None:
        """Random numbers that were not drawn before, where those of a checkpoint are of other processes."""
        now = together.count()
        self.ctx.warn(f"answers are sampled with other random numbers from here on: {wrote} processes became {now}")
        torch.manual_seed(self.args.seed + self._step // self.args.gradient_accumulation_steps + together.rank())

    def longest(self, count: int) -> dict[str, Any]:
        """Answers of full length to the longest prompt; of them only the size is real."""
        prompt = torch.tensor(self.encode(max(self.train_dataset["prompt"], key=len)), device=self.args.device)
        asked = prompt.expand(count, -1)
        said = torch.full((count, self.max_completion_length), self._tokenizer.pad_token_id, device=self.args.device)
        batch = {
            "prompt_ids": asked,
            "prompt_mask": torch.ones_like(asked),
            "completion_ids": said,
            "completion_mask": torch.ones_like(said),
            "advantages": torch.ones(count, device=self.args.device),
            "num_items_in_batch": torch.tensor(said.numel(), device=self.args.device),
        }
        if self.beta:
            batch["ref_per_token_logps"] = torch.zeros(said.shape, device=self.args.device)
        return batch

    def size(self, batch: dict[str, Any]) -> int:
        """Tokens of such a batch."""
        return int(batch["prompt_ids"].numel() + batch["completion_ids"].numel())
