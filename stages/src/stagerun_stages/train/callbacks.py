"""Callbacks of a training run: rows of metrics, progress, a stop on request. The proof by gradients is in gradients.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx, Interrupted
from stagerun_stages.train.trainer import Progress

REFERENCE_TOLERANCE = 0.01  # of the expected first loss


class Report(TrainerCallback):
    """Tells progress at every step and a row of metrics at every logging step; `names` maps TRL's names to ours."""

    def __init__(self, ctx: Ctx, progress: Progress, names: Mapping[str, str]) -> None:
        self.ctx, self.run, self.names = ctx, progress, names
        self.loss = 0.0
        self.first = True
        self.over = False

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> None:
        """Close the step's loss. A step that is logged tells its progress there; one message is enough."""
        self.loss = self.run.step()
        if self.first or not control.should_log:
            self.first = False
            self.ctx.progress(state.global_step, state.max_steps)

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Mapping[str, Any], **_: Any) -> None:
        """Pass on what TRL measured; the row that ends a training has no learning rate and is left out."""
        if "eval_loss" in logs and not self.over:
            self.ctx.metric(state.global_step, **measured(logs, self.names))
        if "learning_rate" not in logs:
            return
        found = {ours: logs[theirs] for theirs, ours in self.names.items() if logs.get(theirs) is not None}
        row = {name: float(value) for name, value in found.items()}
        self.run.row(row)
        self.ctx.metric(state.global_step, loss=self.loss, **row)

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """What is evaluated from now on is a result and no row."""
        self.over = True


def measured(logs: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    """What an evaluation measured, as `eval_loss` and so on, by our names."""
    wanted = {"loss": "loss", **names}
    return {f"eval_{ours}": logs[f"eval_{theirs}"] for theirs, ours in wanted.items() if f"eval_{theirs}" in logs}


def leave(trainer: Any, callback: TrainerCallback) -> None:
    """Take a callback out whose work is done: also one that does nothing is called ten times in every step.

    The list is made anew, since transformers is going through the old one.
    """
    handler = trainer.callback_handler
    handler.callbacks = [each for each in handler.callbacks if each is not callback]


class StartsAtReference(TrainerCallback):
    """Proves that a preference training starts where its reference is, by the loss of the first step."""

    def __init__(self, ctx: Ctx, trainer: Any, progress: Progress, expected: float) -> None:
        self.ctx, self.trainer, self.run, self.expected = ctx, trainer, progress, expected

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Compare once."""
        first = self.run.first_loss
        if state.global_step == 1 and first is not None:
            near = abs(first - self.expected) <= REFERENCE_TOLERANCE * self.expected
            self.ctx.prove("reference", near, first_loss=first, expected=self.expected)
        leave(self.trainer, self)


class StopWhenAsked(TrainerCallback):
    """Saves at the end of the step in which the run was asked to stop, then leaves; `asked` tells whether it was."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        self.asked = asked

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint."""
        if self.asked():
            control.should_save = True

    def on_save(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Leave once it is written."""
        if self.asked():
            raise Interrupted(f"asked to stop; saved at step {state.global_step}")
