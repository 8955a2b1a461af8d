"""Proves, in the first steps of a training with MLX, that every tensor of the adapter learns, and that the model was read right.

What gradients.py in train/ proves of a training with torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stagerun import Ctx
from stagerun_stages.train.window import Window

WORSE = 2.0  # times the loss of one who knows nothing


def look(window: Window, gradients: Mapping[str, Any]) -> None:
    """Look at the gradients of a step."""
    if window.done:
        return
    window.saw({name for name in window.left(gradients) if bool(gradients[name].any().item())})
    if window.step():
        window.prove()


def prove_first_loss(ctx: Ctx, loss: float, vocabulary: int) -> None:
    """A model read wrongly, from other weights or with other rotations, does worse than one that knows nothing (ln of the
    vocabulary's size). Raises StageError above twice that."""
    limit = WORSE * math.log(vocabulary)
    ctx.prove("first loss", loss <= limit, first_loss=loss, limit=limit)
