"""Runs `model.merge`: merges, proves, writes. Needs transformers and PEFT, not TRL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import Ctx
from stagerun_stages.models.history import licence, origin, step, told
from stagerun_stages.models.loading import Loaded, load, prepare
from stagerun_stages.models.parity import divergence, log_probabilities, token_rows
from stagerun_stages.models.quantised import refuse_quantised

if TYPE_CHECKING:
    from stagerun_stages.models.merge import Merge

HEADER_GB = 1e-3  # a safetensors file begins with a table of its tensors
NO_EFFECT = 1e-9  # nats; below it the adapter does not change the model


def run(options: Merge, ctx: Ctx) -> None:
    """Merge as `options` say; see Merge."""
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    loaded = load(ctx.inputs["model"], policy)
    model = merge(ctx, loaded, options.max_kl_ratio)
    write_model(model, loaded.tokenizer, ctx.out / "model", options.shard_gb)
    ctx.result(size_gb=prove_size(ctx, model), parameters=model.num_parameters())
    source = ctx.inputs["model"]
    history = [*told(source), step(ctx, "merge", options)]
    ctx.describe("model", origin=origin(source), licence=licence(source), history=history)


def merge(ctx: Ctx, loaded: Loaded, max_ratio: float) -> Any:
    """The plain model with the adapter merged in, proved to answer as adapter and base do together."""
    refuse_quantised(loaded.model, loaded.base.source)
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
    changed = divergence(merged, plain)
    ctx.prove("merge", ratio <= max_ratio, kl_ratio=ratio, limit=max_ratio, kl_merged=error, kl_adapter=effect)
    ctx.prove("merged differs from its base", changed > NO_EFFECT, kl_base=changed)
    ctx.result(kl_ratio=ratio)
    return model


def write_model(model: Any, tokenizer: Any, folder: Path, shard_gb: float) -> None:
    """Weights as safetensors, configuration, generation settings, tokenizer and chat template."""
    model.save_pretrained(str(folder), max_shard_size=f"{shard_gb}GB")
    for passing in ("is_local", "local_files_only"):  # how it was read, not what it is
        tokenizer.init_kwargs.pop(passing, None)
    tokenizer.save_pretrained(str(folder))


def prove_size(ctx: Ctx, model: Any) -> float:
    """The size of what was written to `out/model` in GB, proved to be that of the model's weights, shared ones once."""
    held = {parameter.data_ptr(): parameter.nbytes for parameter in model.state_dict().values()}
    expected, written = sum(held.values()) / 1e9, size_gb(ctx.out / "model")
    ctx.prove("size", expected <= written <= expected * 1.01 + HEADER_GB, size_gb=written, expected_gb=expected)
    return written


def size_gb(folder: Path) -> float:
    """Size of the weight files in GB (10^9 bytes)."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e9
