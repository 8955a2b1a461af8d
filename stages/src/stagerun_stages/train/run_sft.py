"""Runs `train.sft` with TRL's SFTTrainer, on rows tokenised here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stagerun import Ctx
from stagerun_stages.data.packed import made_of
from stagerun_stages.models.isolation import prove_isolation
from stagerun_stages.models.loading import quiet
from stagerun_stages.models.packed_masks import keep_apart
from stagerun_stages.train.arguments import build, shared
from stagerun_stages.train.memory import Split
from stagerun_stages.train.session import Rows, Session, begin, find_start, fresh_adapter, table, train
from stagerun_stages.train.sft_rows import conversations, training_rows

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

UNCOUNTED = "mean_token_accuracy"  # by cut cross-entropy, which never sees the likeliest token
NAMES = {"learning_rate": "learning_rate", "grad_norm": "grad_norm", "mean_token_accuracy": "token_accuracy"}


def run(options: Sft, ctx: Ctx) -> None:
    """Train as `options` say; see Sft."""
    start = find_start(options, ctx)
    made = made_of(ctx.inputs["train"])
    packing = options.packing or made is not None
    arguments = _arguments(options, ctx, start.split, packing=packing)
    session = begin(options, ctx, start)
    if packing:
        keep_apart(session.loaded.model)
        prove_isolation(ctx, session.loaded.model, session.loaded.tokenizer)
    rows = training_rows(session, options, made)
    held = ctx.inputs.get("validation")
    validation = conversations(session, options, held).rows if held else []
    names = {theirs: ours for theirs, ours in NAMES.items() if options.kernels != "cce" or theirs != UNCOUNTED}
    train(session, partial(_trainer, session, arguments, rows, validation), names, validation=validation)


def _arguments(options: Sft, ctx: Ctx, pieces: Split, *, packing: bool) -> Any:
    quiet()
    from trl import SFTConfig

    given = shared(options, pieces, ctx)
    given |= {"max_length": options.max_length, "packing": packing, "padding_free": packing, "eval_packing": False}
    given["packing_strategy"] = "bfd"  # the name under which TRL's collator keeps documents apart
    given["dataset_kwargs"] = {"skip_prepare_dataset": True}  # rows are cut, labelled and packed already
    given |= {"assistant_only_loss": False, "completion_only_loss": False}  # so that they are not passed without effect
    return build(SFTConfig, given, options.trainer)


def _trainer(session: Session, arguments: Any, rows: Rows, validation: Rows) -> Any:
    from trl import SFTTrainer

    from stagerun_stages.train.filling import blank, filled, with_others
    from stagerun_stages.train.trainer import Watched

    base: Any = with_others(SFTTrainer)

    class Trainer(Watched, base):
        """TRL's trainer, watched, one of as many as there are processes."""

    padding = session.loaded.tokenizer.pad_token_id
    every, held = (filled(each, blank(each[0], padding), arguments) if each else each for each in (rows, validation))
    trainer = Trainer(
        model=session.loaded.model,
        args=arguments,
        train_dataset=table(every),
        eval_dataset=table(held) if held else None,
        processing_class=session.loaded.tokenizer,
        peft_config=fresh_adapter(session),
    )
    trainer.fillers, trainer.held_fillers = len(every) - len(rows), len(held) - len(validation)
    return trainer
