"""Runs `train.grpo` with TRL's GRPOTrainer, on prompts rendered here and rewards from the judge."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stagerun import Ctx, StageError
from stagerun_stages.models.loading import quiet
from stagerun_stages.train.arguments import build, shared
from stagerun_stages.train.memory import Split
from stagerun_stages.train.prompts import Prompts, read_prompts
from stagerun_stages.train.reward import COUNTED, SHARES, Reward
from stagerun_stages.train.session import Session, begin, find_start, fresh_adapter, table, train
from stagerun_stages.train.trainer import Progress, unjudged_share
from stagerun_stages.train.truncation import Kept, prove_kept

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
    **{f"verdicts/{verdict}": f"{verdict}_share" for verdict in SHARES},
}


def run(options: Grpo, ctx: Ctx) -> None:
    """Train as `options` say; see Grpo."""
    start = find_start(options, ctx)
    arguments = _arguments(options, ctx, start.split)
    session = begin(options, ctx, start)
    room = options.max_length - options.max_completion_length
    data = read_prompts(ctx.inputs["train"], session.chat, room, options.reward)
    together = arguments.generation_batch_size // options.generations
    if len(data.asked) < together:
        raise StageError(
            f"{len(data.asked)} prompts are fewer than the {together} that are answered together",
            "give more rows, or lower batch_size or accumulation",
        )
    lost = f"{{dropped}} prompts are longer than {room} tokens and are left out"
    prove_kept(ctx, Kept(len(data.rows), 0, data.dropped), options.max_cut, lost)
    ctx.result(rows=len(data.asked))
    if options.launch.processes > 1:
        ctx.note("each process samples its answers with random numbers of its own: another number gives other answers")
    reward = Reward(ctx, data.rows, session.loaded.tokenizer, session.progress)
    train(session, partial(_trainer, session, arguments, data, reward, options.alarm), NAMES, loss_moves=False)
    _tell(ctx, session.progress)


def _tell(ctx: Ctx, progress: Progress) -> None:
    unjudged, tampered = (progress.counts.get(name, 0) for name in ("unjudged", "tampered"))
    ctx.result(**{name: progress.counts.get(name, 0) for name in ("judged", "unjudged", *COUNTED)})
    ctx.result(unjudged_share=unjudged_share(progress))
    if tampered:
        ctx.warn(f"{tampered} of {progress.counts['judged']} answers tampered with their tests and scored 0")
    if unjudged:
        ctx.warn(f"{unjudged} answers could not be judged and were left out of training")


def _arguments(options: Grpo, ctx: Ctx, pieces: Split) -> Any:
    quiet()
    from trl import GRPOConfig

    given = shared(options, pieces, ctx)
    given |= {
        "num_generations": options.generations,
        "max_completion_length": options.max_completion_length,
        "temperature": options.temperature,
        "beta": options.beta,
    }
    passed = dict(options.trainer)
    if "steps_per_generation" in passed:  # counted in micro steps, of which there are more
        passed["steps_per_generation"] *= pieces.divided
    return build(GRPOConfig, given, passed)


def _trainer(session: Session, arguments: Any, data: Prompts, reward: Reward, alarm: float) -> Any:
    from stagerun_stages.train.alarms import LearnsNothing
    from stagerun_stages.train.grpo_trainer import Trainer

    trainer = Trainer(
        model=session.loaded.model,
        reward_funcs=reward,
        args=arguments,
        train_dataset=table(data.asked),
        processing_class=session.loaded.tokenizer,
        peft_config=fresh_adapter(session),
    )
    trainer.encode, trainer.reward, trainer.policy = session.chat.ids, reward, session.policy
    trainer.add_callback(LearnsNothing(session.ctx, session.progress, alarm))
    return trainer
