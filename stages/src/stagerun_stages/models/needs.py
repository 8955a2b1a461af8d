"""What training, merging and exporting a model takes of the device, estimated from its shape.

Activations after Korthikanti et al., "Reducing Activation Recomputation in Large Transformer Models" (2022), equation 2:
a layer keeps S·B·H·(34 + 5·a·S/H) bytes in 16 bits, for sequence S, batch B, width H and a attention heads; the second term
is the matrix of scores, which flash and flex attention never hold. With recomputation a layer keeps its input alone.
A rough figure before the first step: fragmentation, optimizer workspaces and the allocator's reserve are left out.
"""

from __future__ import annotations

from typing import Any

from stagerun import Estimate, Policy
from stagerun_stages.models.shapes import Shape, config_of, shape_of
from stagerun_stages.train.options import Lora, Training

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
ADAM = 16  # bytes for a trained parameter: weight, gradient and two moments, each float32
NOTE = "rough: without fragmentation and the allocator's reserve"


def of_training(options: Training, origin: Any, policy: Policy) -> Estimate | None:
    """A LoRA training."""
    shape = _shape(origin)
    if shape is None:
        return None
    groups = trained(shape, options.lora)
    width, copies = BYTES[policy.dtype], options.rows_for_each
    memory = {
        "weights": float(shape.parameters * width),
        "adapter and optimizer": float(sum(groups.values()) * ADAM),
        "activations": activations(shape, options, policy, width) * copies,
        "logits": float(copies * options.batch_size * options.max_length * shape.vocabulary * width),
    }
    return Estimate(shape.parameters, groups, memory, NOTE)


def of_weights(origin: Any, policy: Policy) -> Estimate | None:
    """Loading a model and writing it again."""
    shape = _shape(origin)
    if shape is None:
        return None
    return Estimate(shape.parameters, {}, {"weights": float(shape.parameters * BYTES[policy.dtype])}, NOTE)


def trained(shape: Shape, lora: Lora) -> dict[str, int]:
    """Trained parameters by group; a group that is not trained is left out."""
    wanted = set(lora.targets)
    groups = {
        "attention": sum(one.lora(lora.rank) for one in shape.attention if not wanted or one.name in wanted),
        "feed-forward": sum(one.lora(lora.rank) for one in shape.mlp if not wanted or one.name in wanted),
        "experts": sum(one.lora(lora.rank) for one in shape.experts) if lora.experts else 0,
    }
    return {name: count * shape.layers for name, count in groups.items() if count}


def activations(shape: Shape, options: Training, policy: Policy, width: int) -> float:
    """Bytes kept for the backward pass at the micro batch and the longest row."""
    tokens = options.batch_size * options.max_length
    scores = (
        5 * shape.heads * options.max_length / shape.hidden if policy.attention_for(shape.model_type) == "eager" else 0
    )
    layer = tokens * shape.hidden * (34 + scores) * width / 2
    if not options.gradient_checkpointing:
        return shape.layers * layer
    return shape.layers * tokens * shape.hidden * width + layer


def _shape(origin: Any) -> Shape | None:
    config = config_of(origin)
    return shape_of(config) if config is not None else None
