"""Runs `train.sft` with MLX: the rows, the order, the checkpoints, the proofs and the record of a training with TRL."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from stagerun import Ctx, StageError
from stagerun_stages.data.packed import made_of
from stagerun_stages.mlx import adapters, checkpoints, fusing, loading, skeleton
from stagerun_stages.mlx.answers import answer
from stagerun_stages.mlx.batches import course
from stagerun_stages.mlx.fitting import unable, unfit
from stagerun_stages.mlx.memory import memory_told
from stagerun_stages.mlx.stepping import adamw
from stagerun_stages.mlx.training import Training
from stagerun_stages.models.history import step
from stagerun_stages.models.hub import log_in
from stagerun_stages.models.loading import prepare
from stagerun_stages.models.lora import check_config, trainable
from stagerun_stages.models.parity import token_rows
from stagerun_stages.train.chat import chat_for
from stagerun_stages.train.heldout import Heldout
from stagerun_stages.train.session import Rows, Session, Start, find_start, fresh_adapter
from stagerun_stages.train.sft_rows import conversations, training_rows
from stagerun_stages.train.templates import check_markers

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

PACKED = "mlx cannot keep packed conversations apart"


def run(options: Sft, ctx: Ctx) -> None:
    """Train as `options` say; see Sft."""
    start = find_start(options, ctx, engine=checkpoints.ENGINE)
    if options.packing or made_of(ctx.inputs["train"]) is not None:
        raise StageError(PACKED, "give the rows of messages and packing = false")
    dtype = loading.prepare(ctx, ctx.backend.policy())
    session = begin(options, ctx, start, dtype)
    rows = training_rows(session, options, None)
    held = ctx.inputs.get("validation")
    validation = conversations(session, options, held).rows if held else []
    _train(session, options, rows, validation, dtype)


def begin(options: Sft, ctx: Ctx, start: Start, dtype: str) -> Session:
    """Everything but the weights: tokenizer, chat, and the adapter on hollow weights. Raises StageError for what cannot be
    trained with MLX, which the plan has said already where it could know the model."""
    policy = evolve(ctx.backend.policy(), dtype=dtype)
    prepare(policy, ctx.seed)
    log_in(ctx)
    check_config(options.lora)
    loaded = skeleton.load(ctx.inputs["model"], policy)
    for _, complaint in (*unable(options), *unfit(options, loaded.model.config.to_dict())):
        raise StageError(complaint)
    chat = chat_for(loaded.tokenizer, options.chat, options.date, options.chat_template)
    check_markers(chat)
    session = Session(ctx, options, policy, loaded, chat, start)
    peft_model = skeleton.adapted(loaded, fresh_adapter(session))
    return evolve(session, loaded=evolve(loaded, model=peft_model))


def _train(session: Session, options: Sft, rows: Rows, validation: Rows, dtype: str) -> None:
    ctx, loaded, resumed = session.ctx, session.loaded, session.start.resumed
    if resumed is not None:
        checkpoints.read_adapter(resumed.path, loaded.model)
    model = loading.load(loaded.base, dtype)
    adapters.put_on(model, loaded.model)
    questions = _questions(session)
    if resumed is None:
        session.progress.before = questions.ask(model, suffix="_before")
    state = checkpoints.State(model, loaded.model, adamw(options), session.progress)
    if resumed is not None:
        checkpoints.restore(state, resumed.path)
    steps = course(options, session.start.split, len(rows), ctx.seed)
    training = Training(session, options, rows, validation, state, steps)
    with memory_told():
        training.run(resumed.step if resumed else 0)
    measured = {**session.progress.results(), **training.validated(), **questions.ask(model)}
    _finish(session, options, model, measured)


def _questions(session: Session) -> Heldout:
    """The held-out questions, answered by MLX."""
    stops = session.loaded.model.generation_config.eos_token_id
    return Heldout.read(session, partial(answer, stops=stops))


def _finish(session: Session, options: Sft, model: Any, measured: dict[str, float]) -> None:
    """Prove the adapter, write it, and tell what was done."""
    ctx, loaded, folder = session.ctx, session.loaded, session.ctx.out / "adapter"
    fusing.prove_fuse(ctx, model, token_rows(loaded.tokenizer), session.policy.dtype)
    adapters.write(model, loaded.model, folder, loaded.base, session.own_template)
    differing = adapters.differing(model, folder)
    evidence = {"differing": differing[:5]} if differing else {}
    ctx.prove("saved adapter", not differing, tensors=len(trainable(loaded.model)), **evidence)
    ctx.result(**measured, trainable_parameters=sum(each.numel() for each in trainable(loaded.model).values()))
    done = step(ctx, "SFT", options, ctx.inputs["train"], **measured)
    earlier = loaded.adapter.meta.get("history", ()) if loaded.adapter else ()
    ctx.describe("adapter", history=[*earlier, done])
