"""Weights and optimizer states of which each process holds a part (FSDP2), and whole ones, as a checkpoint has them.

So a checkpoint is good for any number of processes. torch keeps a part as a DTensor; making one whole is a meeting of all, see
together.py. With plain tensors everything here does what the libraries do without it. Not covered: what is sharded how, which
accelerate decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.models.adapters import load_weights
from stagerun_stages.models.lineage import WEIGHTS
from stagerun_stages.models.lora import trainable
from stagerun_stages.train import flattened

ADAPTER = ".default."  # in the name of a tensor in the model; PEFT leaves it out of a file's


class InParts(TrainerCallback):
    """Proves that a model, or with ZeRO its optimizer, is in parts once it should be: libraries that cannot cut it hold all of
    it, and say nothing."""

    def __init__(self, ctx: Ctx) -> None:
        self.ctx = ctx

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, model: Any, optimizer: Any, **_: Any) -> None:
        """Count numbers: those of this process, and all."""
        if flattened.is_flattened(model):
            held, total = flattened.held(optimizer), sum(each.numel() for each in trainable(model).values())
            self.ctx.prove("in parts", held < total, held=held, trained=total)
            return
        every = list(model.parameters())
        held, total = (sum(each.numel() for each in some) for some in (map(local, every), every))
        self.ctx.prove("in parts", held < total, held=held, parameters=total)


def is_sharded(model: Any) -> bool:
    """Whether what is trained lies in parts."""
    return any(isinstance(each, DTensor) for each in trainable(model).values())


def local(tensor: Any) -> Any:
    """The part of a tensor that this process holds."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(value: Any) -> Any:
    """A state with every part in it made whole, on the CPU; a meeting."""
    if isinstance(value, DTensor):
        return value.full_tensor().cpu()
    if isinstance(value, Mapping):
        return {key: whole(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(whole(inner) for inner in value)
    return value


def is_cut(model: Any) -> bool:
    """Whether what an optimizer keeps of what is trained lies in parts, be it with the weights or without them."""
    return is_sharded(model) or flattened.is_flattened(model)


def adapter_weights(model: Any) -> dict[str, Any] | None:
    """The trained tensors by their names in the model; None where the model itself has them whole, each by itself."""
    if flattened.is_flattened(model):
        return flattened.adapter_weights(model)
    if not is_sharded(model):
        return None
    return {name: whole(parameter.detach()) for name, parameter in trainable(model).items()}


def load_adapter(model: Any, folder: Path) -> None:
    """Put an adapter's saved weights into a model, into the parts of this process where it has parts."""
    if not is_sharded(model):
        load_weights(model, folder)
        return
    from safetensors.torch import load_file

    saved = load_file(str(folder / WEIGHTS))
    with torch.no_grad():
        for name, parameter in trainable(model).items():
            local(parameter).copy_(local(_like(parameter, saved[name.replace(ADAPTER, ".")])))


def whole_optimizer(model: Any, optimizer: Any) -> dict[str, Any] | None:
    """An optimizer's state, whole; None where each process has it so. A meeting."""
    if flattened.is_flattened(model):
        return flattened.whole(optimizer)
    return dict(whole(optimizer.state_dict())) if is_sharded(model) else None


def load_optimizer(model: Any, optimizer: Any, state: Mapping[str, Any]) -> None:
    """Give an optimizer a whole state, each process its parts."""
    if flattened.is_flattened(model):
        flattened.load(model, optimizer, state)
        return
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    parts = {
        index: {name: _like(parameters[index], value) for name, value in values.items()}
        for index, values in state["state"].items()
    }
    optimizer.load_state_dict({**state, "state": parts})


@contextmanager
def generating(root: Any) -> Iterator[None]:
    """Within the block the model inside `root` can generate: parts that no layer fetches, such as the embeddings, are whole.

    FSDP fetches them when a pass goes through the root, and generation goes past it. The first pass of all must not.
    """
    if not isinstance(root, FSDPModule):
        yield
        return
    with torch.no_grad():
        root(input_ids=torch.zeros((1, 1), dtype=torch.long, device=next(root.parameters()).device))
    root.unshard()
    try:
        yield
    finally:
        root.reshard()


def _like(parameter: Any, value: Any) -> Any:
    """A whole tensor cut as the parameter is; anything of another shape, such as a count of steps, as it is."""
    if not isinstance(parameter, DTensor) or not torch.is_tensor(value) or value.shape != parameter.shape:
        return value
    placed = value.to(device=parameter.device, dtype=value.dtype)
    return distribute_tensor(placed, parameter.device_mesh, parameter.placements)
