"""Runs `model.export`: merge if needed, write, load what was written, compare. Needs transformers and PEFT, not TRL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from stagerun import Artifact, Ctx, Policy
from stagerun_stages.models.asking import Reference, ask, questions_for
from stagerun_stages.models.card import Facts, card
from stagerun_stages.models.formats import SAFETENSORS, Gguf, ggufs
from stagerun_stages.models.ggufs import Made, possible, write_ggufs
from stagerun_stages.models.history import licence, origin, told
from stagerun_stages.models.loading import load, load_base, load_tokenizer, prepare
from stagerun_stages.models.merging import merge, prove_size, size_gb, write_model
from stagerun_stages.models.parity import divergence, log_probabilities, token_rows
from stagerun_stages.models.serving import write_serving

if TYPE_CHECKING:
    from stagerun_stages.models.export import Export

SAME = 1e-6  # nats; what is loaded again has the same weights, so only the kernels' order of sums may differ


@frozen
class Source:
    """What is remembered of the model once it is written: how it answers, and the GGUF kinds that can be made of it."""

    tokenizer: Any
    model_type: str
    parameters: int
    stops: Sequence[int]
    before: list[Any]
    kinds: list[Gguf]
    reference: Reference | None


def run(options: Export, ctx: Ctx) -> None:
    """Export as `options` say; see Export."""
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    ctx.note(f"exports {ctx.inputs['model'].source}")
    source = _write(options, ctx, policy)
    _prove(ctx, policy, source)
    made: list[Made] = []
    if source.reference is not None:
        made = write_ggufs(options, ctx, source.kinds, source.reference, source.tokenizer, policy)
    if made and source.reference is not None:
        write_serving(
            ctx.out / "model", options.slug(ctx.stage), made, source.reference, source.tokenizer, source.stops
        )
    if SAFETENSORS not in options.formats:
        for file in (ctx.out / "model").glob("*.safetensors*"):
            file.unlink()
    _tell(options, ctx, policy, source, made)


def _write(options: Export, ctx: Ctx, policy: Policy) -> Source:
    """Load, merge, ask, write; the model itself is let go, to make room for the copy that is read back."""
    loaded = load(ctx.inputs["model"], policy)
    tokenizer = loaded.tokenizer
    kinds = possible(ctx, options, loaded.model)
    questions = questions_for(tokenizer, ctx.many.get("heldout", ()), options.questions, options.date) if kinds else []
    model = merge(ctx, loaded, options.max_kl_ratio)
    source = Source(
        tokenizer=tokenizer,
        model_type=loaded.model_type,
        parameters=model.num_parameters(),
        stops=list(model.generation_config.eos_token_id),
        before=log_probabilities(model, token_rows(tokenizer)),
        kinds=kinds,
        reference=ask(model, tokenizer, questions, options.answer_tokens) if kinds else None,
    )
    write_model(model, tokenizer, ctx.out / "model", options.shard_gb)
    prove_size(ctx, model)
    return source


def _tell(options: Export, ctx: Ctx, policy: Policy, source: Source, made: Sequence[Made]) -> None:
    """The model card, the metrics and what travels with the artifact."""
    given, folder = ctx.inputs["model"], ctx.out / "model"
    facts = Facts(
        name=options.title(ctx.stage),
        base=origin(given),
        parent=given.source,
        licence=options.licence or licence(given),
        model_type=source.model_type,
        dtype=policy.dtype,
        parameters=source.parameters,
        size_gb=size_gb(folder),
        history=told(given),
        verdicts=ctx.verdicts,
        made=made,
        left_out=[kind.name for kind in ggufs(options.formats) if kind not in source.kinds],
    )
    (folder / "README.md").write_text(card(facts), encoding="utf-8")
    ctx.result(size_gb=facts.size_gb, parameters=facts.parameters)
    ctx.describe("model", origin=facts.base, licence=facts.licence, history=told(given), parent=given.source)


def _prove(ctx: Ctx, policy: Policy, source: Source) -> None:
    """What was written, loaded again, has the same tokenizer and the same answers."""
    folder = ctx.out / "model"
    written = Artifact(kind="model", source=str(folder), digest="", path=folder)
    again, tokenizer = load_tokenizer(written), source.tokenizer
    rows = token_rows(again)
    ctx.prove("tokenizer", again.chat_template == tokenizer.chat_template and rows == token_rows(tokenizer))
    kl = divergence(source.before, log_probabilities(load_base(written, policy), rows))
    ctx.prove("export", abs(kl) <= SAME, kl_reload=kl, limit=SAME)
    ctx.result(kl_reload=kl)
