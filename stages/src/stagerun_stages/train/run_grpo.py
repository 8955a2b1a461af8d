"""Runs `train.grpo` with TRL's GRPOTrainer, on prompts rendered here and rewards from the judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import Ctx
from stagerun_stages.models.loading import quiet
from stagerun_stages.train.arguments import build, shared
from stagerun_stages.train.prompts import Prompts, read_prompts
from stagerun_stages.train.reward import Reward
from stagerun_stages.train.session import Session, begin, fresh_adapter, train

if TYPE_CHECKING:
    from stagerun_stages.train.grpo import Grpo

NAMES = {
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "reward": "reward",
    "frac_reward_zero_std": "equal_groups",
    "completions/clipped_ratio": "truncated",
    "completions/mean_length": "answer_tokens",
    "kl": "kl",
}
ROLLOUTS = "rollouts.pt"


def run(options: Grpo, ctx: Ctx) -> None:
    """Train as `options` say; see Grpo."""
    arguments = _arguments(options, ctx)
    session = begin(options, ctx)
    room = options.max_length - options.max_completion_length
    data = read_prompts(ctx.inputs["train"], session.chat, room, options.reward)
    ctx.result(rows=len(data.asked), rows_cut=data.dropped)
    if data.dropped:
        ctx.warn(f"{data.dropped} of {len(data.rows)} prompts are longer than {room} tokens and are left out")
    reward = Reward(ctx, data.rows, session.loaded.tokenizer)
    train(session, lambda: _trainer(session, arguments, data, reward), NAMES)
    _tell(ctx, session, reward)


def _tell(ctx: Ctx, session: Session, reward: Reward) -> None:
    ctx.result(unjudged=reward.unjudged)
    if reward.unjudged:
        ctx.warn(f"{reward.unjudged} answers could not be judged and were left out of training")
    if session.progress.mean("truncated") == 1.0:
        ctx.warn("every answer of the last steps was cut off at max_completion_length")
    if session.progress.mean("equal_groups") == 1.0:
        ctx.warn("all answers to a prompt got the same reward in the last steps: nothing was learned there")


def _arguments(options: Grpo, ctx: Ctx) -> Any:
    quiet()
    from trl import GRPOConfig

    given = shared(options, ctx.backend.policy(), ctx.seed, ctx.work / "trainer")
    given |= {
        "num_generations": options.generations,
        "max_completion_length": options.max_completion_length,
        "temperature": options.temperature,
        "beta": options.beta,
    }
    return build(GRPOConfig, given, options.trainer)


def _trainer(session: Session, arguments: Any, data: Prompts, reward: Reward) -> Any:
    import torch
    from datasets import Dataset
    from trl import GRPOTrainer

    from stagerun_stages.train.trainer import Watched

    class Trainer(Watched, GRPOTrainer):
        """TRL's trainer, watched. Its answers outlive a step, so a checkpoint between two generations holds them."""

        def _tokenize_prompts(self, prompts: list[str]) -> Any:
            return [session.chat.ids(prompt) for prompt in prompts], None, {}

        def fill(self, folder: Path) -> None:
            used = self._step % (self.args.steps_per_generation * self.num_iterations)
            rollouts = self._buffered_inputs if used else None
            torch.save({"step": self._step, "rollouts": rollouts}, folder / ROLLOUTS)

        def restore(self, folder: Path) -> None:
            kept = torch.load(folder / ROLLOUTS, weights_only=True, map_location=self.args.device)
            self._step, self._buffered_inputs = kept["step"], kept["rollouts"]

    return Trainer(
        model=session.loaded.model,
        reward_funcs=reward,
        args=arguments,
        train_dataset=Dataset.from_list(data.asked),
        processing_class=session.loaded.tokenizer,
        peft_config=fresh_adapter(session),
    )
