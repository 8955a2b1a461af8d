"""What happens around every training: load, resume, train, measure, write the adapter. The stages differ in what is between."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import evolve, frozen

from stagerun import Checkpoint, Ctx, Policy, StageError
from stagerun_stages.models.hub import log_in
from stagerun_stages.models.lineage import TEMPLATE
from stagerun_stages.models.loading import Loaded, prepare
from stagerun_stages.models.lora import check_config
from stagerun_stages.train import stronger
from stagerun_stages.train.chat import Chat, chat_for
from stagerun_stages.train.launching import first_at, share
from stagerun_stages.train.memory import Split, split
from stagerun_stages.train.options import Training
from stagerun_stages.train.templates import check_markers
from stagerun_stages.train.trainer import FORMAT, Progress

Rows = Sequence[Mapping[str, Any]]


@frozen
class Start:
    """Where a training goes on, and in which pieces it takes its batches."""

    resumed: Checkpoint | None
    progress: Progress
    split: Split


@frozen
class Session:
    """A loaded model with its chat, and where to start."""

    ctx: Ctx
    options: Training
    policy: Policy
    loaded: Loaded
    chat: Chat
    start: Start

    @property
    def own_template(self) -> str | None:
        """The chat template, where it is not the base's own."""
        inherited = self.loaded.adapter is not None and (self.loaded.adapter.local() / TEMPLATE).is_file()
        return str(self.loaded.tokenizer.chat_template) if self.options.chat_template or inherited else None

    @property
    def progress(self) -> Progress:
        """What must be remembered over a resume."""
        return self.start.progress


def find_start(options: Training, ctx: Ctx, engine: str = "trl") -> Start:
    """Look for a checkpoint. Raises StageError when another engine wrote it, and when memory ran out with the smallest pieces
    already."""
    resumed = ctx.checkpoints.latest()
    progress = Progress()
    if resumed is not None:
        state = json.loads((resumed.path / "state.json").read_text(encoding="utf-8"))
        _check_writer(resumed, state, engine)
        progress = Progress.from_json(state["progress"])
        _tell_of_others(ctx, resumed, state.get("processes", 1), options)
    progress.memory_failures = max(progress.memory_failures, ctx.memory_failures)
    own = options.batch_size // options.launch.processes
    pieces = split(own, options.accumulation, progress.memory_failures, options.micro_batch)
    ctx.result(micro_batch=pieces.micro)
    if pieces.shrunk > 1:
        ctx.warn(
            f"memory ran out before: batches of {options.batch_size} are taken in pieces of {pieces.micro}, accumulated "
            f"{pieces.accumulation} times; the global batch stays {options.batch_size * options.accumulation}"
        )
    return Start(resumed, progress, pieces)


def _check_writer(resumed: Checkpoint, state: Mapping[str, Any], engine: str) -> None:
    """The optimizer's state of one engine says nothing to another, nor that of an earlier format to this one."""
    wrote, anew = state.get("engine", "trl"), f"remove {resumed.path.parent} to begin anew"
    if wrote != engine:
        what = f"the checkpoint of step {resumed.step} was written by engine {wrote}, and {engine} cannot go on from it"
        raise StageError(what, f'say engine = "{wrote}", or {anew}')
    if engine == "trl" and state.get("format", 1) != FORMAT:
        what = (
            f"the checkpoint of step {resumed.step} is of an earlier version, whose optimizer was kept in another form"
        )
        raise StageError(what, f"go on with that version, or {anew}")


def _tell_of_others(ctx: Ctx, resumed: Checkpoint, wrote: int, options: Training) -> None:
    """Another number of processes goes on with the same rows, and with other random numbers where any are drawn."""
    now = options.launch.processes
    if wrote == now:
        return
    ctx.note(f"the checkpoint of step {resumed.step} is of {wrote} processes; {now} go on from it")
    if options.lora.dropout:
        ctx.warn(f"lora.dropout draws other masks from here on: {wrote} processes became {now}")


def begin(options: Training, ctx: Ctx, start: Start) -> Session:
    """Load the model."""
    policy = share(options.in_force(ctx.backend.policy()), options.launch.processes)
    if ctx.backend.name == "mlx":
        ctx.note(f"this stage computes with torch on {policy.device}: on backend mlx only train.sft computes with MLX")
    prepare(policy, ctx.seed)
    log_in(ctx)
    check_config(options.lora)
    loaded = stronger.load_with(options, ctx, first_at(options.launch, policy))
    chat = chat_for(loaded.tokenizer, options.chat, options.date, options.chat_template)
    check_markers(chat)
    return Session(ctx, options, policy, loaded, chat, start)


def table(rows: Rows) -> Any:
    """Rows as the data set that trainers take; machine integers are passed on without a copy."""
    import numpy as np
    from datasets import Dataset

    def cell(value: Any) -> Any:
        return np.asarray(value) if isinstance(value, array) else value

    return Dataset.from_dict({name: [cell(row[name]) for row in rows] for name in rows[0]})


def fresh_adapter(session: Session) -> Any:
    """PEFT's configuration of a new adapter, or None when one is there: it is continued, or Unsloth has made it."""
    if session.loaded.adapter is not None or hasattr(session.loaded.model, "peft_config"):
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
    loss_moves: bool = True,
) -> None:
    """Train with the trainer that `make` gives, measure, and write the adapter.

    `names` maps TRL's names of metrics to ours; `validation` rows are tokens, as the trainer takes them; `first_loss` is
    proved when given; `loss_moves` says whether a loss that stays where it is deserves a warning.
    """
    from stagerun_stages.models.history import step
    from stagerun_stages.train import together
    from stagerun_stages.train.heldout import Heldout
    from stagerun_stages.train.saved import prove_saved
    from stagerun_stages.train.watch import Watch

    ctx, progress, resumed = session.ctx, session.progress, session.start.resumed
    questions = evolve(Heldout.read(session, partial(_answer, session.policy)), judging=together.rank() == 0)
    if resumed is None:
        progress.before = _before(session, questions)
    trainer = make()
    trainer.ctx, trainer.base, trainer.progress = ctx, session.loaded.base, progress
    trainer.divided = session.start.split.divided
    trainer.loraplus_lr_ratio = session.options.lora.loraplus_lr_ratio
    stronger.equip(trainer, session.options, ctx, session.policy)
    _add_callbacks(trainer, session, names, first_loss)
    watch = Watch(ctx, progress, loss_moves=loss_moves)
    trainer.add_callback(watch)
    with watch:
        trainer.resume(resumed.path if resumed else None)
    trainer.write(ctx.out / "adapter", session.own_template)
    prove_saved(ctx, trainer.model, ctx.out / "adapter")
    measured = {**progress.results(), **_validated(trainer, validation, names), **questions.ask(trainer.model)}
    ctx.result(**measured, trainable_parameters=_trained(trainer.model))
    done = step(ctx, type(session.options).__name__.upper(), session.options, ctx.inputs["train"], **measured)
    earlier = session.loaded.adapter.meta.get("history", ()) if session.loaded.adapter else ()
    ctx.describe("adapter", history=[*earlier, done])


def _before(session: Session, questions: Any) -> dict[str, float]:
    """What the model answers untrained; not where it lies beside its device until it is cut into parts."""
    if questions.rows and first_at(session.options.launch, session.policy) != session.policy:
        session.ctx.warn("the held-out questions are asked after training only: fsdp2 has no whole model on a device")
        return {}
    found: dict[str, float] = questions.ask(session.loaded.model, suffix="_before")
    return found


def _answer(policy: Policy, model: Any, tokenizer: Any, prompts: Sequence[list[int]], **named: Any) -> list[list[int]]:
    """Answer with the attention that the backend wants for that, each process its share; all of them where each has but a part
    of the model, since they compute together."""
    from stagerun_stages.models.attention import generating
    from stagerun_stages.train import sharded, together
    from stagerun_stages.train.answers import answer

    with generating(model, policy):
        if sharded.is_sharded(model):
            with sharded.generating(model):
                return answer(model, tokenizer, prompts, **named)
        return together.shared_out(prompts, lambda mine: answer(model, tokenizer, mine, **named))


def _validated(trainer: Any, rows: Rows, names: Mapping[str, str]) -> dict[str, float]:
    """Metrics over rows that were not trained on, as `eval_loss` and so on."""
    if not rows:
        return {}
    from stagerun_stages.train.callbacks import measured

    return measured(trainer.evaluate(), names)


def _add_callbacks(trainer: Any, session: Session, names: Mapping[str, str], first_loss: float | None) -> None:
    from transformers import EarlyStoppingCallback, PrinterCallback

    from stagerun_stages.train import callbacks, sharded, together
    from stagerun_stages.train.gradients import EveryTargetTrains
    from stagerun_stages.train.rehearsal import LongestFirst

    ctx, progress, options = session.ctx, session.progress, session.options
    trainer.remove_callback(PrinterCallback)
    if options.launch.strategy != "ddp" and together.count() > 1:
        trainer.add_callback(sharded.InParts(ctx))
    agreed = together.Agree(ctx, progress) if together.count() > 1 else None
    if agreed is not None:
        trainer.add_callback(agreed)
    if options.longest_first:
        trainer.add_callback(LongestFirst(ctx, trainer))
    if options.early_stopping:
        trainer.add_callback(EarlyStoppingCallback(**options.early_stopping))
    trainer.add_callback(callbacks.Report(ctx, progress, names))
    trainer.add_callback(EveryTargetTrains(ctx, trainer))
    if first_loss is not None:
        trainer.add_callback(callbacks.StartsAtReference(ctx, trainer, progress, first_loss))
    trainer.add_callback(callbacks.StopWhenAsked(lambda: agreed.asked if agreed else ctx.stop_requested))


def _trained(model: Any) -> int:
    from stagerun_stages.models.lora import trainable

    return sum(parameter.numel() for parameter in trainable(model).values())
