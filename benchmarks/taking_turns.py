"""Steps of one training taken in two ways by turns: as bare TRL takes them, and with everything that `train.sft` adds.

Two trainings beside each other never have their memory in the same places, which alone makes one of them a percent or two slower
for as long as it lives, and that is more than what is to be measured. So it is one training here: before each step its trainer
gets our callbacks and our `training_step`, or has them taken away, by lot. That a step without them is bare TRL's, call by
call, census.py shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

from attrs import define, field

WAYS = ("ours", "bare", "again")  # "again" is bare too: how far the two differ is what the measurement cannot tell


def at_each_step(trainer: Any, act: Callable[[], None]) -> None:
    """Call `act` where a step is over, its logging included, and the next has not begun."""
    whole, seen = trainer._maybe_log_save_evaluate, [0]

    def logged(*args: Any, **kwargs: Any) -> None:
        whole(*args, **kwargs)
        if trainer.state.global_step > seen[0]:  # it is called again when an epoch ends
            seen[0] = trainer.state.global_step
            act()

    trainer._maybe_log_save_evaluate = logged


def without_ours(trainer: Any) -> None:
    """Leave of the trainer what TRL and transformers put there."""
    from trl import SFTTrainer

    handler = trainer.callback_handler
    handler.callbacks = [each for each in handler.callbacks if type(each).__module__.startswith("transformers")]
    trainer.training_step = SFTTrainer.training_step.__get__(trainer)


@define
class Turns:
    """Takes steps in blocks of three, one each way, in an order drawn anew; `blocks` has their seconds by the processor."""

    chance: Random
    left_out: int  # steps at the beginning
    trainer: Any = None
    ours: list[Any] = field(factory=list)
    blocks: list[dict[str, float]] = field(factory=list)
    order: list[str] = field(factory=list)
    found: dict[str, float] = field(factory=dict)
    begun: float = 0.0

    def begin(self, trainer: Any) -> None:
        """Take charge of a trainer of ours."""
        self.trainer, self.ours = trainer, list(trainer.callback_handler.callbacks)
        at_each_step(trainer, self.over)

    def over(self) -> None:
        """Note the step that ended, and set the way of the next."""
        seconds = time.process_time() - self.begun
        if self.left_out:
            self.left_out -= 1
            self.ours = self.trainer.callback_handler.callbacks  # some leave when their work is done
        else:
            self._note(seconds)
            self._set(self.order[-1])
        self.begun = time.process_time()

    def _note(self, seconds: float) -> None:
        if self.order:
            self.found[self.order.pop()] = seconds
        if not self.order:
            if self.found:
                self.blocks.append(self.found)
            self.found, self.order = {}, self.chance.sample(WAYS, len(WAYS))

    def _set(self, way: str) -> None:
        self.trainer.callback_handler.callbacks = self.ours
        vars(self.trainer).pop("training_step", None)
        if way != "ours":
            without_ours(self.trainer)
