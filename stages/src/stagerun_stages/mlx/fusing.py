"""Proves that mlx-lm's own fuse of the trained adapter answers like base and adapter together.

Its fuse has given back the base unchanged for some models, and nobody was told. The measure is merge's: the divergence between
adapter and fused model, as a share of what the adapter changes. Layers are fused one at a time while they compute, so that the
model is never there twice. Not covered: writing the fused model, which model.merge does from the adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stagerun import Ctx
from stagerun_stages.models.merging import NO_EFFECT
from stagerun_stages.models.parity import divergence

LIMIT = 0.01  # of what the adapter changes, in float32
LOOSE = 0.25  # in 16 bits, where a fused weight is rounded, and a weak adapter with it; the base is at 1


def prove_fuse(ctx: Ctx, model: Any, rows: list[list[int]], dtype: str) -> None:
    """Measure on `rows` of tokens, for weights of `dtype`; raises StageError when the fused layers answer otherwise.

    An adapter that changes nothing proves nothing, and is only told.
    """
    adapted = log_probabilities(model, rows)
    with _instead(lambda layer: layer.linear):
        plain = log_probabilities(model, rows)
    with _instead(lambda layer: layer.fuse()):
        fused = log_probabilities(model, rows)
    effect = divergence(adapted, plain)
    if effect <= NO_EFFECT:
        ctx.warn("the adapter does not change what the model answers")
        return
    ratio, limit = abs(divergence(adapted, fused)) / effect, LIMIT if dtype == "float32" else LOOSE
    ctx.prove("mlx fuse", ratio <= limit, kl_ratio=ratio, limit=limit, kl_adapter=effect)


def log_probabilities(model: Any, rows: list[list[int]]) -> list[Any]:
    """Next-token log-probabilities of each row, (tokens, vocabulary), as float64 tensors on the CPU."""
    import mlx.core as mx
    import numpy as np
    import torch

    was_training = model.training
    model.eval()
    logits = [np.array(model(mx.array([row]))[0].astype(mx.float32)) for row in rows]
    model.train(was_training)
    return [torch.log_softmax(torch.from_numpy(each).double(), -1) for each in logits]


@contextmanager
def _instead(layer_for: Any) -> Iterator[None]:
    """Within the block every adapted layer computes with what `layer_for` gives for it."""
    from mlx_lm.tuner.lora import LoRALinear

    own = LoRALinear.__call__
    LoRALinear.__call__ = lambda self, x: layer_for(self)(x)
    try:
        yield
    finally:
        LoRALinear.__call__ = own
