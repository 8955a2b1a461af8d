"""The first steps of a training, in which every tensor of the adapter must get a gradient, whichever library computes it.

The first LoRA factor has no gradient until the second has moved, hence a window of steps. Not covered: how gradients are looked
at, see gradients.py and mlx/proving.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field

from stagerun import Ctx

WINDOW = 10


@define
class Window:
    """Steps that had any gradient, at most `WINDOW`. `first` is what stands in the name of a first factor."""

    ctx: Ctx
    first: str
    groups: Mapping[str, int] = field(factory=dict)  # trained numbers in each part of the model
    missing: set[str] | None = None  # tensors without a gradient so far
    total: int = 0
    steps: int = 0
    done: bool = False

    def begin(self, groups: Mapping[str, int]) -> None:
        """Say what is trained: experts that are missing here were not asked for."""
        self.groups = groups
        parts = ", ".join(f"{group} {count:,}" for group, count in groups.items())
        self.ctx.note(f"trains {sum(groups.values()):,} parameters: {parts}")

    def left(self, tensors: Iterable[str]) -> set[str]:
        """Those of the adapter's tensors that had no gradient so far."""
        if self.missing is None:
            self.missing = set(tensors)
            self.total = len(self.missing)
        return self.missing

    def saw(self, names: Iterable[str]) -> None:
        """These had one."""
        self.missing = (self.missing or set()) - set(names)

    def step(self, *, more: bool = False) -> bool:
        """Count a step, unless nothing ever had a gradient, as when every reward of a group is equal. Whether it is over: all
        were seen and there is not `more` to wait for, or the window is."""
        if self.total == len(self.missing or ()):
            return False
        self.steps += 1
        return self.steps == WINDOW or not (self.missing or more)

    def end(self) -> bool:
        """Whether a training that ends before the window is to be judged by what it had."""
        if self.done or self.missing is None:
            return False
        if self.steps == 0:
            self.ctx.warn("no step had a gradient: nothing was learned")
            return False
        if self.steps == 1:  # a fresh first factor cannot have had one yet
            self.missing = {name for name in self.missing if self.first not in name}
        return True

    def prove(self, **more: Any) -> None:
        """Judge; raises StageError when a tensor had none."""
        self.done = True
        evidence: dict[str, Any] = {"tensors": self.total, "steps": self.steps}
        evidence |= {f"{group}_parameters": count for group, count in self.groups.items()} | more
        if self.missing:
            evidence["without_gradient"] = sorted(self.missing)[:5]
        self.ctx.prove("targets", not self.missing, **evidence)
