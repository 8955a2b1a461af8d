"""Runs `model.export`: merge if needed, write, load what was written, compare. Needs transformers and PEFT, not TRL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import Artifact, Ctx, Policy
from stagerun_stages.models.card import Facts, card
from stagerun_stages.models.history import origin, told
from stagerun_stages.models.loading import load, load_base, load_tokenizer, prepare
from stagerun_stages.models.merging import merge, size_gb, write_model
from stagerun_stages.models.parity import divergence, log_probabilities, token_rows

if TYPE_CHECKING:
    from stagerun_stages.models.export import Export

SAME = 1e-6  # nats; what is loaded again has the same weights, so only the kernels' order of sums may differ


def run(options: Export, ctx: Ctx) -> None:
    """Export as `options` say; see Export."""
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    source, folder = ctx.inputs["model"], ctx.out / "model"
    loaded = load(source, policy)
    tokenizer, model_type = loaded.tokenizer, loaded.model_type
    model = merge(ctx, loaded, options.max_kl_ratio)
    before = log_probabilities(model, token_rows(tokenizer))
    parameters = model.num_parameters()
    write_model(model, tokenizer, folder, options.shard_gb)
    del model, loaded  # room for the copy that is read back
    _prove(ctx, folder, policy, tokenizer, before)
    facts = Facts(
        name=options.name or ctx.stage,
        base=origin(source),
        model_type=model_type,
        dtype=policy.dtype,
        parameters=parameters,
        size_gb=size_gb(folder),
        history=told(source),
    )
    (folder / "README.md").write_text(card(facts), encoding="utf-8")
    ctx.result(size_gb=facts.size_gb, parameters=parameters)
    ctx.describe("model", origin=origin(source), history=told(source))


def _prove(ctx: Ctx, folder: Path, policy: Policy, tokenizer: Any, before: list[Any]) -> None:
    written = Artifact(kind="model", source=str(folder), digest="", path=folder)
    again = load_tokenizer(written)
    rows = token_rows(again)
    same_text = again.chat_template == tokenizer.chat_template and rows == token_rows(tokenizer)
    ctx.prove("tokenizer", same_text)
    kl = divergence(before, log_probabilities(load_base(written, policy), rows))
    ctx.prove("export", abs(kl) <= SAME, kl_reload=kl, limit=SAME)
    ctx.result(kl_reload=kl)
