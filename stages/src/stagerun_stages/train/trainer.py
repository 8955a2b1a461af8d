"""What our TRL trainers have in common: checkpoints in our sealed folders, a loss that is finite, a stop when asked.

`Watched` stands before a TRL trainer class in the bases. Not covered: the metrics that are reported, see report.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field
from stagerun import Artifact, Ctx, StageError

from stagerun_stages.models.adapters import load_weights, write_adapter

TRAINER_STATE = "trainer_state.json"  # transformers reads it by this name when it resumes
RECENT = 10


@define
class Progress:
    """What a run must remember over a resume and transformers does not: losses by step, and what was measured before."""

    before: dict[str, float] = field(factory=dict)
    first_loss: float | None = None
    recent: list[float] = field(factory=list)
    last: dict[str, float] = field(factory=dict)  # the newest row of metrics
    current: float = 0.0

    def add(self, loss: float) -> None:
        """Add a micro step's share of the loss."""
        self.current += loss

    def step(self) -> float:
        """Close an optimizer step and give its loss."""
        loss, self.current = self.current, 0.0
        self.first_loss = loss if self.first_loss is None else self.first_loss
        self.recent = [*self.recent, loss][-RECENT:]
        return loss

    @property
    def loss(self) -> float:
        """Mean loss of the last ten steps; NaN before the first."""
        return sum(self.recent) / len(self.recent) if self.recent else math.nan

    def to_json(self) -> dict[str, Any]:
        """The form kept in a checkpoint's state.json."""
        return {"before": self.before, "first_loss": self.first_loss, "recent": self.recent, "last": self.last}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Progress:
        """Inverse of `to_json`."""
        return cls(dict(row["before"]), row["first_loss"], list(row["recent"]), dict(row["last"]))


class Watched:
    """Mixin for a TRL trainer. Set `ctx`, `base` and `progress` before training."""

    ctx: Ctx
    base: Artifact
    progress: Progress
    may_save: Callable[[int], bool] = staticmethod(lambda step: True)

    def training_step(self, *args: Any, **kwargs: Any) -> Any:
        """One micro step; raises StageError as soon as the loss is not a number."""
        loss = super().training_step(*args, **kwargs)  # type: ignore[misc]
        value = float(loss)
        if not math.isfinite(value):
            step = self.state.global_step + 1  # type: ignore[attr-defined]
            raise StageError(f"the loss is {value} at step {step}", "lower learning_rate, or look at the data")
        self.progress.add(value)
        return loss

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Fill one of our checkpoint folders; the trainer's own output folder gets no second copy."""
        step = self.state.global_step  # type: ignore[attr-defined]
        with self.ctx.checkpoints.saving(step, {"progress": self.progress.to_json()}) as folder:
            write_adapter(self.model, folder, self.base)  # type: ignore[attr-defined]
            self._save_optimizer_and_scheduler(str(folder))  # type: ignore[attr-defined]
            self._save_scaler(str(folder))  # type: ignore[attr-defined]
            self._save_rng_state(str(folder))  # type: ignore[attr-defined]
            self.state.save_to_json(str(folder / TRAINER_STATE))  # type: ignore[attr-defined]

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Only the trained adapter is in a checkpoint; base and reference come from the stage's inputs again."""
        load_weights(self.model, Path(resume_from_checkpoint))  # type: ignore[attr-defined]
