"""Proves, in the first steps of a training with MLX, that every tensor of the adapter learns, and that the model was read right.

What gradients.py in train/ proves of a training with torch: the first factor has no gradient until the second has moved, hence a
window of steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import define

from stagerun import Ctx
from stagerun_stages.train.gradients import WINDOW

WORSE = 2.0  # times the loss of one who knows nothing


@define
class EveryTargetTrains:
    """Watches gradients until all were seen, at most for `WINDOW` steps that had any."""

    ctx: Ctx
    groups: Mapping[str, int]  # trained numbers in each part of the model
    missing: set[str] | None = None
    total: int = 0
    steps: int = 0
    done: bool = False

    def begin(self) -> None:
        """Say what is trained."""
        parts = ", ".join(f"{group} {count:,}" for group, count in self.groups.items())
        self.ctx.note(f"trains {sum(self.groups.values()):,} parameters: {parts}")

    def look(self, gradients: Mapping[str, Any]) -> None:
        """Look at the gradients of a step."""
        if self.done or not self._seen(gradients):
            return
        self.steps += 1
        if self.steps == WINDOW or not self.missing:
            self._say()

    def end(self) -> None:
        """Judge a training shorter than the window by what it had."""
        if self.done or self.missing is None:
            return
        if self.steps == 0:
            self.ctx.warn("no step had a gradient: nothing was learned")
            return
        if self.steps == 1:  # a fresh first factor cannot have had one yet
            self.missing = {name for name in self.missing if not name.endswith("lora_a")}
        self._say()

    def _seen(self, gradients: Mapping[str, Any]) -> bool:
        if self.missing is None:
            self.missing, self.total = set(gradients), len(gradients)
        self.missing -= {name for name in self.missing if bool(gradients[name].any().item())}
        return len(self.missing) < self.total

    def _say(self) -> None:
        self.done = True
        evidence: dict[str, Any] = {"tensors": self.total, "steps": self.steps}
        evidence |= {f"{group}_parameters": count for group, count in self.groups.items()}
        if self.missing:
            evidence["without_gradient"] = sorted(self.missing)[:5]
        self.ctx.prove("targets", not self.missing, **evidence)


def prove_first_loss(ctx: Ctx, loss: float, vocabulary: int) -> None:
    """A model read wrongly, from other weights or with other rotations, does worse than one that knows nothing (ln of the
    vocabulary's size). Raises StageError above twice that."""
    limit = WORSE * math.log(vocabulary)
    ctx.prove("first loss", loss <= limit, first_loss=loss, limit=limit)
