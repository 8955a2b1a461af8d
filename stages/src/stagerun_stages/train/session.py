"""What happens around every training: load, resume, train, measure, write the adapter. The stages differ in what is between."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from stagerun import Checkpoint, Ctx, Policy
from stagerun_stages.models.loading import Loaded, load, prepare
from stagerun_stages.train.chat import Chat, chat_for
from stagerun_stages.train.options import Training
from stagerun_stages.train.trainer import Progress

Rows = Sequence[Mapping[str, Any]]


@frozen
class Session:
    """A loaded model with its chat, and the checkpoint to go on from."""

    ctx: Ctx
    options: Training
    policy: Policy
    loaded: Loaded
    chat: Chat
    resumed: Checkpoint | None
    progress: Progress


def begin(options: Training, ctx: Ctx) -> Session:
    """Load the model and find out where to start."""
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    loaded = load(ctx.inputs["model"], policy, trainable=True)
    resumed = ctx.checkpoints.latest()
    progress = Progress()
    if resumed is not None:
        state = json.loads((resumed.path / "state.json").read_text(encoding="utf-8"))
        progress = Progress.from_json(state["progress"])
    return Session(
        ctx, options, policy, loaded, chat_for(loaded.tokenizer, options.chat, options.date), resumed, progress
    )


def table(rows: Rows) -> Any:
    """Rows as the data set that trainers take; machine integers are passed on without a copy."""
    import numpy as np
    from datasets import Dataset

    def cell(value: Any) -> Any:
        return np.asarray(value) if isinstance(value, array) else value

    return Dataset.from_dict({name: [cell(row[name]) for row in rows] for name in rows[0]})


def fresh_adapter(session: Session) -> Any:
    """PEFT's configuration of a new adapter, or None when one is continued."""
    if session.loaded.adapter is not None:
        return None
    from stagerun_stages.models.lora import find_targets, lora_config

    lora = session.options.lora
    return lora_config(lora, find_targets(session.loaded.model, lora))


def train(
    session: Session,
    make: Callable[[], Any],
    names: Mapping[str, str],
    *,
    validation: Rows = (),
    first_loss: float | None = None,
) -> None:
    """Train with the trainer that `make` gives, measure, and write the adapter.

    `names` maps TRL's names of metrics to ours; `validation` rows are tokens, as the trainer takes them; `first_loss` is
    proved when given.
    """
    from stagerun_stages.models.adapters import write_adapter
    from stagerun_stages.models.history import step
    from stagerun_stages.train.heldout import Heldout

    ctx, progress = session.ctx, session.progress
    questions = Heldout.read(session)
    if session.resumed is None:
        progress.before = questions.ask(session.loaded.model, suffix="_before")
    trainer = make()
    trainer.ctx, trainer.base, trainer.progress = ctx, session.loaded.base, progress
    _watch(trainer, ctx, progress, names, first_loss)
    trainer.resume(session.resumed.path if session.resumed else None)
    write_adapter(trainer.model, ctx.out / "adapter", session.loaded.base)
    measured = {**progress.results(), **_validated(trainer, validation, names), **questions.ask(trainer.model)}
    ctx.result(**measured, trainable_parameters=_trained(trainer.model))
    done = step(ctx, type(session.options).__name__.upper(), session.options, ctx.inputs["train"], **measured)
    earlier = session.loaded.adapter.meta.get("history", ()) if session.loaded.adapter else ()
    ctx.describe("adapter", history=[*earlier, done])


def _validated(trainer: Any, rows: Rows, names: Mapping[str, str]) -> dict[str, float]:
    """Metrics over rows that were not trained on, as `eval_loss` and so on."""
    if not rows:
        return {}
    found = trainer.evaluate(table(rows))
    wanted = {"loss": "loss", **names}
    return {f"eval_{ours}": found[f"eval_{theirs}"] for theirs, ours in wanted.items() if f"eval_{theirs}" in found}


def _watch(trainer: Any, ctx: Ctx, progress: Progress, names: Mapping[str, str], first_loss: float | None) -> None:
    from transformers import PrinterCallback

    from stagerun_stages.train import callbacks
    from stagerun_stages.train.gradients import EveryTargetTrains

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(callbacks.Report(ctx, progress, names))
    trainer.add_callback(EveryTargetTrains(ctx))
    if first_loss is not None:
        trainer.add_callback(callbacks.StartsAtReference(ctx, progress, first_loss))
    trainer.add_callback(callbacks.StopWhenAsked(ctx))


def _trained(model: Any) -> int:
    from stagerun_stages.models.lora import trainable

    return sum(parameter.numel() for parameter in trainable(model).values())
