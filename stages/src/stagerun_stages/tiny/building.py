"""Runs `model.tiny`: tokenizer, random start, training, and how well the result copies."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from stagerun import Ctx
from stagerun_stages.models.loading import prepare

if TYPE_CHECKING:
    from stagerun_stages.tiny.stage import Tiny

MEASURED = 128  # conversations that copying is measured on
LOGGED = 10  # a row of metrics every so many steps


def run(options: Tiny, ctx: Ctx) -> None:
    """Build as `options` say; see Tiny. The same seed gives the same bytes."""
    prepare(ctx.backend.policy(), ctx.seed)
    from stagerun_stages.tiny import base
    from stagerun_stages.tiny.tokenizer import build_tokenizer

    tokenizer = build_tokenizer()
    model = base.new_model(tokenizer, options.architecture())
    losses: list[float] = []

    def report(step: int, loss: float) -> None:
        losses.append(loss)
        ctx.progress(step, options.steps)
        if step % LOGGED == 0:
            ctx.metric(step, loss=sum(losses[-LOGGED:]) / LOGGED)

    recipe = base.Recipe(options.steps, options.batch_size, options.learning_rate)
    base.train(model, tokenizer, recipe, _random(ctx, "corpus"), report)
    accuracy = base.copied(model, tokenizer, _random(ctx, "measure"), MEASURED)
    ctx.result(
        copy_accuracy=accuracy, parameters=sum(each.numel() for each in model.parameters()), tokens=len(tokenizer)
    )
    if losses:
        ctx.result(loss=sum(losses[-LOGGED:]) / len(losses[-LOGGED:]))
    model.save_pretrained(ctx.out / "model")
    tokenizer.save_pretrained(ctx.out / "model")


def _random(ctx: Ctx, purpose: str) -> Random:
    """Random numbers for one purpose, so that more of one kind do not shift another."""
    return Random(f"{ctx.seed}:{purpose}")
