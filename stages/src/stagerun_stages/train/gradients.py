"""Proves, in the first steps of a training, that every tensor of the adapter learns.

A name in the options may match a layer whose forward pass never calls the adapter, and a fused expert may be skipped by a
kernel; both train nothing and say nothing. An expert has no gradient until the router picks it. A tensor without gradient fails
the proof; an expert is only named. Not covered: how many steps are looked at, see window.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.models.lora import groups, trainable
from stagerun_stages.train import flattened, together
from stagerun_stages.train.callbacks import leave
from stagerun_stages.train.sharded import local
from stagerun_stages.train.window import WINDOW, Window

__all__ = ["WINDOW", "EveryTargetTrains"]


class EveryTargetTrains(TrainerCallback):
    """Watches gradients until all were seen, at most for `WINDOW` steps that had any; then it leaves the trainer."""

    def __init__(self, ctx: Ctx, trainer: Any) -> None:
        self.ctx, self.trainer = ctx, trainer
        self.window = Window(ctx, "lora_A")
        self.experts: dict[str, Any] = {}  # module -> which of its experts had one, as a boolean tensor
        self.caught: Caught | None = None

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Say what is trained. ZeRO takes gradients away as they come, before anybody is asked to look at them."""
        self.window.begin(groups(model))
        if flattened.is_flattened(model):
            self.caught = Caught(trainable(model))

    def on_pre_optimizer_step(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Look at the gradients while they are there."""
        if self.window.done:
            return
        self._look(model)
        if self.window.step(more=bool(self._idle())):
            self._say()
            leave(self.trainer, self)
            if self.caught is not None:
                self.caught.leave()

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Judge a training shorter than the window by what it had."""
        if self.window.end():
            self._say()

    def _look(self, model: Any) -> None:
        tensors = trainable(model)
        columns = self.caught.columns if self.caught is not None else partial(_columns, tensors)
        seen = {name for name in self.window.left(tensors) if bool(columns(name).any())}
        experts = {
            name: reached
            for name, module in model.named_modules()
            if (reached := _experts_reached(name, module, columns)) is not None
        }
        for others, theirs in together.gathered((seen, experts)):  # a process may hold but a part of each tensor
            self.window.saw(others)
            for name, reached in theirs.items():
                self.experts[name] = self.experts.get(name, False) | reached

    def _idle(self) -> int:
        return sum(int((~reached).sum()) for reached in self.experts.values())

    def _say(self) -> None:
        idle, count = self._idle(), sum(len(each) for each in self.experts.values())
        self.window.prove(**({"experts": count, "experts_idle": idle} if self.experts else {}))
        if idle:
            self.ctx.warn(f"{idle} of {count} experts got no gradient in {self.window.steps} steps")


class Caught:
    """What hooks saw of gradients since the training began: of each tensor, the columns that were not zero."""

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        self.found: dict[str, Any] = {}
        self.handles = [tensor.register_hook(partial(self._see, name)) for name, tensor in tensors.items()]

    def _see(self, name: str, gradient: Any) -> None:
        self.found[name] = self.found.get(name, False) | gradient.any(0)

    def columns(self, name: str) -> Any:
        """As a boolean tensor, empty when there was no gradient."""
        return self.found.get(name, torch.zeros(0, dtype=torch.bool))

    def leave(self) -> None:
        """See no more."""
        for handle in self.handles:
            handle.remove()


def _columns(tensors: Mapping[str, Any], name: str) -> Any:
    """The columns of a tensor's gradient that are not zero, as `Caught.columns` gives them."""
    gradient = tensors[name].grad
    return torch.zeros(0, dtype=torch.bool) if gradient is None else local(gradient).any(0)


def _experts_reached(name: str, module: Any, columns: Callable[[str], Any]) -> Any:
    """Which experts of an adapted parameter have a gradient: PEFT 0.21 lays the second factor out as (out, rank, experts)."""
    if getattr(module, "num_experts", 1) < 2 or "default" not in getattr(module, "lora_B", {}):
        return None
    found = columns(f"{name}.lora_B.default.weight".removeprefix("."))
    return found.reshape(-1, module.num_experts).any(0).cpu() if found.numel() else None
