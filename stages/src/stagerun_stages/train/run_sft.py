"""Runs `train.sft` with TRL's SFTTrainer, on rows tokenised here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stagerun import Ctx, StageError
from stagerun_stages.models.isolation import LIMIT, leak
from stagerun_stages.models.loading import quiet
from stagerun_stages.train.arguments import build, shared
from stagerun_stages.train.conversations import Conversations, read_conversations
from stagerun_stages.train.memory import Split
from stagerun_stages.train.processes import usable
from stagerun_stages.train.session import Rows, Session, begin, find_start, fresh_adapter, table, train

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

NAMES = {"learning_rate": "learning_rate", "grad_norm": "grad_norm", "mean_token_accuracy": "token_accuracy"}


def run(options: Sft, ctx: Ctx) -> None:
    """Train as `options` say; see Sft."""
    start = find_start(options, ctx)
    arguments = _arguments(options, ctx, start.split)
    session = begin(options, ctx, start)
    if options.packing:
        _prove_isolation(session)
    data = _read(session, options, "train")
    validation = _read(session, options, "validation").rows if "validation" in ctx.inputs else []
    _tell(ctx, data)
    train(session, partial(_trainer, session, arguments, data, validation), NAMES, validation=validation)


def _read(session: Session, options: Sft, need: str) -> Conversations:
    data = session.ctx.inputs[need]
    return read_conversations(
        data,
        session.chat,
        options.max_length,
        assistant_only=options.assistant_only,
        processes=usable(session.policy.threads),
    )


def _prove_isolation(session: Session) -> None:
    share, model_type = leak(session.loaded.model, session.loaded.tokenizer), session.loaded.model_type
    if share > LIMIT:
        raise StageError(
            f"packed conversations see each other in {model_type} with the attention of this backend "
            f"({share:.0%} of what joining them would do)",
            "set packing = false",
        )
    session.ctx.prove("isolation", True, leak=share, limit=LIMIT)


def _arguments(options: Sft, ctx: Ctx, pieces: Split) -> Any:
    quiet()
    from trl import SFTConfig

    given = shared(options, pieces, ctx)
    given |= {"max_length": options.max_length, "packing": options.packing, "eval_packing": False}
    given["dataset_kwargs"] = {"skip_prepare_dataset": not options.packing}  # rows are cut and labelled already
    return build(SFTConfig, given, options.trainer)


def _trainer(session: Session, arguments: Any, data: Conversations, validation: Rows) -> Any:
    from trl import SFTTrainer

    from stagerun_stages.train.trainer import Watched

    class Trainer(Watched, SFTTrainer):
        """TRL's trainer, watched."""

    return Trainer(
        model=session.loaded.model,
        args=arguments,
        train_dataset=table(data.rows),
        eval_dataset=table(validation) if validation else None,
        processing_class=session.loaded.tokenizer,
        peft_config=fresh_adapter(session),
    )


def _tell(ctx: Ctx, data: Conversations) -> None:
    ctx.result(rows=len(data.rows), rows_cut=data.cut + data.dropped)
    if data.cut or data.dropped:
        ctx.warn(
            f"max_length cuts {data.cut} answers short and leaves nothing of {data.dropped} others, "
            f"out of {len(data.rows) + data.dropped}"
        )
