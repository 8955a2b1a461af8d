"""The loss over rows that are not trained on, as transformers' `evaluate` counts it.

Each batch's loss is the mean over its learned tokens; they are weighed by rows, and shares of likeliest tokens are not weighed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stagerun_stages.mlx.batches import collate, learned
from stagerun_stages.mlx.stepping import loss_and_hits
from stagerun_stages.train.session import Rows


def evaluate(model: Any, rows: Rows, micro: int, pad: int, alive: Callable[[], None]) -> dict[str, float]:
    """`eval_loss` and `eval_token_accuracy`; nothing without rows. `alive` is called after each batch."""
    import mlx.core as mx

    if not rows:
        return {}
    model.eval()
    losses = shares = 0.0
    starts = range(0, len(rows), micro)
    for start in starts:
        some = rows[start : start + micro]
        batch = collate(some, pad)
        loss, hits, tokens = loss_and_hits(model, *batch, mx.array(learned([batch])))
        losses += float(loss.item()) * len(some)
        shares += float(hits.item()) / max(int(tokens.item()), 1)
        alive()
    model.train()
    return {"eval_loss": losses / len(rows), "eval_token_accuracy": shares / len(starts)}
