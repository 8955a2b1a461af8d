"""Runs `train.dpo` with TRL's DPOTrainer, on pairs tokenised here."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from stagerun import Ctx
from stagerun_stages.models.loading import quiet
from stagerun_stages.train.arguments import build, shared
from stagerun_stages.train.memory import SameMean, Split
from stagerun_stages.train.pairs import Pairs, read_pairs
from stagerun_stages.train.session import Rows, Session, begin, find_start, fresh_adapter, table, train
from stagerun_stages.train.truncation import Kept, prove_kept

if TYPE_CHECKING:
    from stagerun_stages.train.dpo import Dpo

LOST = "max_length cuts answers of {cut} rows and leaves no difference in {dropped} others"
NAMES = {
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "rewards/margins": "margin",
    "rewards/accuracies": "accuracy",
}


def run(options: Dpo, ctx: Ctx) -> None:
    """Train as `options` say; see Dpo."""
    start = find_start(options, ctx)
    arguments = _arguments(options, ctx, start.split)
    session = begin(options, ctx, start)
    data = read_pairs(ctx.inputs["train"], session.chat, options.max_length)
    held = ctx.inputs.get("validation")
    validation = read_pairs(held, session.chat, options.max_length).rows if held else []
    prove_kept(ctx, Kept(len(data.rows) + data.dropped, data.cut, data.dropped), options.max_cut, LOST)
    if data.alike:
        ctx.warn(f"{data.alike} pairs are left out: the chat template renders their answers alike")
    ctx.result(rows=len(data.rows))
    make = partial(_trainer, session, arguments, data, validation)
    train(session, make, NAMES, validation=validation, first_loss=_first_loss(options))


def _first_loss(options: Dpo) -> float | None:
    """The loss when the model still equals its reference; None if others add to it."""
    return None if options.router_balance or options.trainer else _equal_loss(options)


def _equal_loss(options: Any) -> float:
    """The loss where neither answer is preferred: 1 / (4 beta^2) for IPO, log 2 for DPO."""
    return 1 / (4 * options.beta**2) if options.loss == "ipo" else math.log(2)


def _arguments(options: Dpo, ctx: Ctx, pieces: Split) -> Any:
    quiet()
    from trl import DPOConfig

    given = shared(options, pieces, ctx)
    given |= {"max_length": options.max_length, "loss_type": options.loss, "beta": options.beta}
    return build(DPOConfig, given, options.trainer)


def _trainer(session: Session, arguments: Any, data: Pairs, validation: Rows) -> Any:
    from trl import DPOTrainer

    from stagerun_stages.train.filling import Shared, blank_pair, filled
    from stagerun_stages.train.trainer import Watched

    class Trainer(Watched, Shared, SameMean, DPOTrainer):
        """TRL's trainer, watched, on rows that are tokens already, one of as many as there are processes."""

        def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
            return dataset

    empty = blank_pair(session.loaded.tokenizer.pad_token_id)
    every, held = (filled(each, empty, arguments) for each in (data.rows, validation))
    trainer = Trainer(
        model=session.loaded.model,
        args=arguments,
        train_dataset=table(every),
        eval_dataset=table(held) if held else None,
        processing_class=session.loaded.tokenizer,
        peft_config=fresh_adapter(session),
    )
    trainer.fillers, trainer.held_fillers = len(every) - len(data.rows), len(held) - len(validation)
    trainer.equal_loss = _equal_loss(session.options)
    return trainer
