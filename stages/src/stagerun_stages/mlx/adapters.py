"""LoRA's factors between PEFT and MLX. Both ways are exact: the same float32 numbers, laid out the other way round.

PEFT has A as (rank, in) and B as (out, rank), for y = W x + scale * B A x; mlx-lm's LoRALinear has (in, rank) and (rank, out),
for rows times matrices. Names are PEFT's less its prefix, since mlx-lm's dense models call their layers as transformers does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stagerun import Artifact, StageError
from stagerun_stages.models.adapters import write_adapter
from stagerun_stages.models.lineage import WEIGHTS

PREFIX = "base_model.model."
NAME = "default"  # of the adapter that is trained, in PEFT


def adapted_layers(peft_model: Any) -> dict[str, Any]:
    """PEFT's adapted layers by the names that they have in MLX."""
    modules = peft_model.named_modules()
    return {name.removeprefix(PREFIX): each for name, each in modules if NAME in getattr(each, "lora_A", {})}


def put_on(model: Any, peft_model: Any) -> None:
    """Freeze an MLX model and put the adapter of a PEFT model on it. Raises StageError for a layer that it does not have."""
    from mlx.utils import tree_unflatten
    from mlx_lm.tuner.lora import LoRALinear

    model.freeze()
    there, made = dict(model.named_modules()), []
    for name, layer in adapted_layers(peft_model).items():
        if name not in there:
            raise StageError(f"mlx-lm's {model.model_type} has no layer {name}", "name other lora.targets")
        dropout = float(getattr(layer.lora_dropout[NAME], "p", 0.0))
        linear = LoRALinear.from_base(there[name], r=layer.r[NAME], dropout=dropout, scale=layer.scaling[NAME])
        linear.lora_a, linear.lora_b = to_mlx(layer.lora_A[NAME].weight), to_mlx(layer.lora_B[NAME].weight)
        made.append((name, linear))
    model.update_modules(tree_unflatten(made))


def give_back(model: Any, peft_model: Any) -> None:
    """Put an MLX model's adapter into the PEFT model that it came from."""
    there = dict(model.named_modules())
    for name, layer in adapted_layers(peft_model).items():
        layer.lora_A[NAME].weight.data = to_torch(there[name].lora_a)
        layer.lora_B[NAME].weight.data = to_torch(there[name].lora_b)


def write(model: Any, peft_model: Any, folder: Path, base: Artifact, template: str | None = None) -> None:
    """Write an MLX model's adapter as PEFT writes one, with its lineage."""
    give_back(model, peft_model)
    write_adapter(peft_model, folder, base, template)


def differing(model: Any, folder: Path) -> list[str]:
    """Tensors of a written adapter that are not, bit by bit, those of the MLX model; none is good."""
    from mlx.utils import tree_flatten
    from safetensors.numpy import load_file

    held = dict(tree_flatten(model.trainable_parameters()))
    written = {_name(name): value for name, value in load_file(str(folder / WEIGHTS)).items()}
    return sorted({*_unlike(held, written), *(held.keys() ^ written.keys())})


def to_mlx(weight: Any) -> Any:
    """A torch matrix as an MLX array, transposed, in float32."""
    import mlx.core as mx

    return mx.array(weight.detach().float().cpu().numpy().T)


def to_torch(weight: Any) -> Any:
    """The inverse of `to_mlx`."""
    import numpy as np
    import torch

    return torch.from_numpy(np.array(weight)).T.contiguous()


def _unlike(held: Mapping[str, Any], written: Mapping[str, Any]) -> list[str]:
    import numpy as np

    return [name for name in held.keys() & written.keys() if not np.array_equal(np.array(held[name]).T, written[name])]


def _name(name: str) -> str:
    """`base_model.model.L.lora_A.weight`, as PEFT's files say, is `L.lora_a`."""
    layer, _, factor = name.removeprefix(PREFIX).removesuffix(".weight").rpartition(".")
    return f"{layer}.{factor.lower()}"
