"""Runs `model.merge`: merges, proves, writes. Needs transformers and PEFT, not TRL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import Ctx
from stagerun_stages.models.history import licence, origin, step, told
from stagerun_stages.models.loading import Loaded, load, prepare
from stagerun_stages.models.parity import divergence, log_probabilities, token_rows

if TYPE_CHECKING:
    from stagerun_stages.models.merge import Merge

NO_EFFECT = 1e-9  # nats; below it the adapter does not change the model


def run(options: Merge, ctx: Ctx) -> None:
    """Merge as `options` say; see Merge."""
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    loaded = load(ctx.inputs["model"], policy)
    model = merge(ctx, loaded, options.max_kl_ratio)
    write_model(model, loaded.tokenizer, ctx.out / "model", options.shard_gb)
    ctx.result(size_gb=size_gb(ctx.out / "model"), parameters=model.num_parameters())
    source = ctx.inputs["model"]
    history = [*told(source), step(ctx, "merge", options)]
    ctx.describe("model", origin=origin(source), licence=licence(source), history=history)


def merge(ctx: Ctx, loaded: Loaded, max_ratio: float) -> Any:
    """The plain model with the adapter merged in, proved to answer as adapter and base do together."""
    if loaded.adapter is None:
        ctx.note(f"{loaded.base.source} is a whole model already; nothing to merge")
        return loaded.model
    rows = token_rows(loaded.tokenizer)
    adapted = log_probabilities(loaded.model, rows)
    with loaded.model.disable_adapter():
        plain = log_probabilities(loaded.model, rows)
    model = loaded.model.merge_and_unload(safe_merge=True)
    merged = log_probabilities(model, rows)
    effect, error = divergence(adapted, plain), divergence(adapted, merged)
    ctx.prove("adapter changes the model", effect > NO_EFFECT, kl_adapter=effect)
    ratio = abs(error) / effect
    ctx.prove("merge", ratio <= max_ratio, kl_merged=error, kl_adapter=effect, kl_ratio=ratio, limit=max_ratio)
    ctx.result(kl_ratio=ratio)
    return model


def write_model(model: Any, tokenizer: Any, folder: Path, shard_gb: float) -> None:
    """Weights as safetensors, configuration, generation settings, tokenizer and chat template."""
    model.save_pretrained(str(folder), max_shard_size=f"{shard_gb}GB")
    for passing in ("is_local", "local_files_only"):  # how it was read, not what it is
        tokenizer.init_kwargs.pop(passing, None)
    tokenizer.save_pretrained(str(folder))


def size_gb(folder: Path) -> float:
    """Size of the weight files in GB (10^9 bytes)."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e9
