"""Optimizer states of which each process holds a part (DeepSpeed's ZeRO, stage 2), and whole ones, as a checkpoint has them.

So a checkpoint is good for any number of processes and any strategy. ZeRO lays all trained tensors of a group one after the other
and gives each process a stretch; making a state whole is a meeting of all, see together.py. The libraries are asked by their
public functions (deepspeed.utils, 0.19), but for the count of steps, which is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch

from stagerun_stages.models.lora import trainable

CUT = "_hp_mapping"  # what DeepSpeed notes on a tensor that it has laid out
SHARED_MEMORY = "deepspeed_shm_comm"
STEP = "step"  # the count of steps among an optimizer's states


def without_compiler() -> None:
    """Let processes on a CPU speak by gloo: DeepSpeed would compile a way through shared memory at the first use."""
    from deepspeed import ops

    ops.__compatible_ops__[SHARED_MEMORY] = False


def is_flattened(model: Any) -> bool:
    """Whether the trained tensors lie in ZeRO's buffers."""
    return any(hasattr(each, CUT) for each in trainable(model).values())


def held(optimizer: Any) -> int:
    """How many of the trained numbers this process steps, filling included."""
    return sum(stretch.numel() for group in _zero(optimizer).optimizer.param_groups for stretch in group["params"])


def adapter_weights(model: Any) -> dict[str, Any]:
    """The trained tensors by their names in the model, each in memory of its own."""
    return {name: tensor.detach().clone() for name, tensor in trainable(model).items()}


def whole(optimizer: Any) -> dict[str, Any]:
    """The state of an optimizer as torch's has it in one process, on the CPU; a meeting.

    Nothing in it is shared: a count of steps that all tensors have in common would count each step once for every one of them.
    DeepSpeed links its tensors to their states after the first group's first step, when the other groups have none yet.
    """
    from deepspeed.utils import lazy_init_hp_params_optimizer_state, safe_get_full_optimizer_state

    zero, groups, states, place = _zero(optimizer), [], {}, 0
    for tensors, group in zip(zero.bit16_groups, zero.optimizer.param_groups, strict=True):
        [stretch] = group["params"]
        kept = zero.optimizer.state[stretch]
        lazy_init_hp_params_optimizer_state(tensors, stretch, zero.optimizer.state)
        for index, tensor in enumerate(tensors, start=place):
            states[index] = {
                name: (value if name == STEP else safe_get_full_optimizer_state(tensor, name)).cpu().clone()
                for name, value in kept.items()
            }
        groups.append({**group, "params": [*range(place, place + len(tensors))]})
        place += len(tensors)
    return {"state": states, "param_groups": groups}


def load(model: Any, optimizer: Any, state: Mapping[str, Any]) -> None:
    """Give an optimizer a whole state, each process its part, and its copy of the weights those of the model."""
    from deepspeed.utils import safe_set_full_fp32_param, safe_set_full_optimizer_state

    for tensor in trainable(model).values():
        safe_set_full_fp32_param(tensor, tensor.detach())
    zero, place = _zero(optimizer), 0
    groups = zip(zero.bit16_groups, zero.optimizer.param_groups, state["param_groups"], strict=True)
    for tensors, group, saved in groups:
        group.update({name: value for name, value in saved.items() if name != "params"})
        _make_room(zero.optimizer, tensors, group["params"][0], state["state"].get(place, {}))
        for index, tensor in enumerate(tensors, start=place):
            for name, value in state["state"].get(index, {}).items():
                if name != STEP:
                    safe_set_full_optimizer_state(tensor, value.to(tensor.device), name)
        place += len(tensors)


def _make_room(optimizer: Any, tensors: Sequence[Any], stretch: Any, like: Mapping[str, Any]) -> None:
    """States of the stretch that this process holds, as torch's AdamW makes them in its first step."""
    from deepspeed.utils import lazy_init_hp_params_optimizer_state

    for name, value in like.items():
        optimizer.state[stretch][name] = value.clone() if name == STEP else torch.zeros_like(stretch)
    lazy_init_hp_params_optimizer_state(tensors, stretch, optimizer.state)


def gradients(loss: Any, model: Any) -> None:
    """Compute gradients that nobody needs, past the hooks by which ZeRO would add them up."""
    torch.autograd.grad(loss, list(trainable(model).values()), allow_unused=True)


def autocast(engine: Any) -> AbstractContextManager[None]:
    """The number format that DeepSpeed's engine computes in, for a pass of the model beside it."""
    from deepspeed.runtime.torch_autocast import autocast_if_enabled

    found: AbstractContextManager[None] = autocast_if_enabled(engine)
    return found


def _zero(optimizer: Any) -> Any:
    """ZeRO's optimizer within accelerate's wrapper."""
    return getattr(optimizer, "optimizer", optimizer)
