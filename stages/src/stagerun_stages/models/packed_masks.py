"""Keeps the documents of a packed row apart in GPT-OSS.

A packed row carries several documents, and its positions start at 0 again where one begins. From the positions transformers
builds masks that keep documents apart, if the model asks it to; `GptOssModel` of transformers 5.23 does not hand them on
(huggingface/transformers#39997), so each document reads those before it and the loss looks healthy. Here the model is given
its two masks, one for its full and one for its sliding-window layers, made by transformers' own functions with the positions.

Not covered: the proof that it helps, see isolation.py; attention kernels that take no masks, such as flash attention, where the
proof decides; other architectures, which all hand their positions on or fail the proof.
"""

from __future__ import annotations

from typing import Any

FORGETFUL = "GptOssModel"


def keep_apart(model: Any) -> None:
    """Make the model build its masks from the positions of packed rows. Other architectures are left as they are."""
    for module in model.modules():
        if type(module).__name__ == FORGETFUL:
            module.register_forward_pre_hook(_give_masks, with_kwargs=True)


def _give_masks(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Add the masks to a call of the model that has positions and neither mask nor cache, as a packed row has."""
    if named.get("position_ids") is None or named.get("attention_mask") is not None or named.get("past_key_values"):
        return given, named
    from transformers.masking_utils import create_causal_mask, create_sliding_window_causal_mask

    row = {
        "config": module.config,
        "inputs_embeds": _shaped(module, given[0] if given else named.get("input_ids"), named.get("inputs_embeds")),
        "attention_mask": None,
        "past_key_values": None,
        "position_ids": named["position_ids"],
    }
    masks = {
        "full_attention": create_causal_mask(**row),
        "sliding_attention": create_sliding_window_causal_mask(**row),
    }
    return given, {**named, "attention_mask": masks}


def _shaped(module: Any, ids: Any, embeddings: Any) -> Any:
    """The embeddings, or an empty tensor of shape (rows, tokens, 0): only their shape, type and device are looked at."""
    import torch

    return torch.empty((*ids.shape, 0), dtype=module.dtype, device=ids.device) if embeddings is None else embeddings
