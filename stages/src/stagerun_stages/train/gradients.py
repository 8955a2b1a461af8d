"""Proves, in the first steps of a training, that every tensor of the adapter learns.

A name in the options may match a layer whose forward pass never calls the adapter, and a fused expert may be skipped by a
kernel; both train nothing and say nothing. The first LoRA factor has no gradient until the second has moved, and an expert
none until the router picks it, hence a window of steps. A tensor without gradient fails the proof; an expert is only named.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.models.lora import groups, trainable
from stagerun_stages.train import together
from stagerun_stages.train.callbacks import leave
from stagerun_stages.train.sharded import local

WINDOW = 10


class EveryTargetTrains(TrainerCallback):
    """Watches gradients until all were seen, at most for `WINDOW` steps that had any; then it leaves the trainer."""

    def __init__(self, ctx: Ctx, trainer: Any) -> None:
        self.ctx, self.trainer = ctx, trainer
        self.missing: set[str] | None = None  # tensors without a gradient so far
        self.experts: dict[str, Any] = {}  # module -> which of its experts had one, as a boolean tensor
        self.total = self.steps = 0
        self.done = False
        self.groups: dict[str, int] = {}  # trained numbers in each part of the model

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Say what is trained: experts that are missing here were not asked for."""
        self.groups = groups(model)
        parts = ", ".join(f"{group} {count:,}" for group, count in self.groups.items())
        self.ctx.note(f"trains {sum(self.groups.values()):,} parameters: {parts}")

    def on_pre_optimizer_step(self, _args: Any, _state: Any, _control: Any, model: Any, **_: Any) -> None:
        """Look at the gradients while they are there."""
        if self.done or not self._look(model):
            return  # no signal at all in this step, as when every reward of a group is equal
        self.steps += 1
        if self.steps == WINDOW or not (self.missing or self._idle()):
            self._say()
            leave(self.trainer, self)

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Judge a training shorter than the window by what it had."""
        if self.done or self.missing is None:
            return
        if self.steps == 0:
            self.ctx.warn("no step had a gradient: nothing was learned")
            return
        if self.steps == 1:  # a fresh first factor cannot have had one yet
            self.missing = {name for name in self.missing if "lora_A" not in name}
        self._say()

    def _look(self, model: Any) -> bool:
        tensors = trainable(model)
        if self.missing is None:
            self.missing, self.total = set(tensors), len(tensors)
        seen = {name for name in self.missing if _has_signal(tensors[name].grad)}
        experts = {
            name: reached for name, module in model.named_modules() if (reached := _experts_reached(module)) is not None
        }
        for others, theirs in together.gathered((seen, experts)):  # a process may hold but a part of each tensor
            self.missing -= others
            for name, reached in theirs.items():
                self.experts[name] = self.experts.get(name, False) | reached
        return len(self.missing) < self.total

    def _idle(self) -> int:
        return sum(int((~reached).sum()) for reached in self.experts.values())

    def _say(self) -> None:
        self.done = True
        missing = sorted(self.missing or ())
        evidence: dict[str, Any] = {"tensors": self.total, "steps": self.steps}
        evidence |= {f"{group}_parameters": count for group, count in self.groups.items()}
        if self.experts:
            evidence |= {"experts": sum(len(each) for each in self.experts.values()), "experts_idle": self._idle()}
        if missing:
            evidence["without_gradient"] = missing[:5]
        self.ctx.prove("targets", not missing, **evidence)
        if self._idle():
            self.ctx.warn(f"{self._idle()} of {evidence['experts']} experts got no gradient in {self.steps} steps")


def _has_signal(gradient: Any) -> bool:
    return gradient is not None and bool(local(gradient).any())


def _experts_reached(module: Any) -> Any:
    """Which experts of an adapted parameter have a gradient: PEFT 0.21 lays the second factor out as (out, rank, experts)."""
    if getattr(module, "num_experts", 1) < 2 or "default" not in getattr(module, "lora_B", {}):
        return None
    gradient = local(module.lora_B["default"].weight.grad)
    return None if gradient is None else gradient.reshape(gradient.shape[0], -1, module.num_experts).any(1).any(0).cpu()
