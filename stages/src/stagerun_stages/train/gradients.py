"""Proves, in the first steps of a training, that every tensor of the adapter learns.

A name in the options may match a layer whose forward pass never calls the adapter, and a fused expert may be skipped by a
kernel; both train nothing and say nothing. An expert has no gradient until the router picks it. A tensor without gradient fails
the proof; an expert is only named. Not covered: how many steps are looked at, see window.py.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.models.lora import groups, trainable
from stagerun_stages.train import together
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

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Say what is trained."""
        self.window.begin(groups(model))

    def on_pre_optimizer_step(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Look at the gradients while they are there."""
        if self.window.done:
            return
        self._look(model)
        if self.window.step(more=bool(self._idle())):
            self._say()
            leave(self.trainer, self)

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Judge a training shorter than the window by what it had."""
        if self.window.end():
            self._say()

    def _look(self, model: Any) -> None:
        tensors = trainable(model)
        seen = {name for name in self.window.left(tensors) if _has_signal(tensors[name].grad)}
        experts = {
            name: reached for name, module in model.named_modules() if (reached := _experts_reached(module)) is not None
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


def _has_signal(gradient: Any) -> bool:
    return gradient is not None and bool(local(gradient).any())


def _experts_reached(module: Any) -> Any:
    """Which experts of an adapted parameter have a gradient: PEFT 0.21 lays the second factor out as (out, rank, experts)."""
    if getattr(module, "num_experts", 1) < 2 or "default" not in getattr(module, "lora_B", {}):
        return None
    gradient = local(module.lora_B["default"].weight.grad)
    return None if gradient is None else gradient.reshape(gradient.shape[0], -1, module.num_experts).any(1).any(0).cpu()
