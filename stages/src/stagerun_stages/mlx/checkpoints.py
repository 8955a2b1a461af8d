"""A training's state in one of our sealed folders: the adapter as PEFT writes it, and the optimizer.

mlx-lm alone saves weights, and a training that goes on from these takes other steps. Neither the place in the data nor the random
state needs a file: the number of a step settles both, see batches.py and training.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import define, field

from stagerun import Artifact, Ctx
from stagerun_stages.mlx import adapters
from stagerun_stages.models.adapters import load_weights
from stagerun_stages.train.trainer import Progress

OPTIMIZER = "optimizer.safetensors"
ENGINE = "mlx"


@define
class State:
    """All that a step changes. `accuracies` are of batches since the last row of metrics."""

    model: Any  # MLX's, with the adapter on it
    peft_model: Any  # the skeleton that the adapter is written with
    optimizer: Any
    progress: Progress
    accuracies: list[float] = field(factory=list)


def save(state: State, ctx: Ctx, step: int, base: Artifact) -> None:
    """Write the checkpoint of a step."""
    import mlx.core as mx
    from mlx.utils import tree_flatten

    row = {"engine": ENGINE, "progress": state.progress.to_json(), "accuracies": state.accuracies}
    with ctx.checkpoints.saving(step, row) as folder:
        adapters.write(state.model, state.peft_model, folder, base)
        mx.save_safetensors(str(folder / OPTIMIZER), dict(tree_flatten(state.optimizer.state)))


def read_adapter(folder: Path, peft_model: Any) -> None:
    """Put a checkpoint's adapter into the skeleton, before it is put on the model."""
    load_weights(peft_model, folder)


def restore(state: State, folder: Path) -> None:
    """Read the rest of what `save` wrote."""
    import mlx.core as mx
    from mlx.utils import tree_unflatten

    kept: Any = mx.load(str(folder / OPTIMIZER))
    state.optimizer.state = tree_unflatten(list(kept.items()))
    state.accuracies = list(_row(folder).get("accuracies", ()))


def _row(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "state.json").read_text(encoding="utf-8")))
