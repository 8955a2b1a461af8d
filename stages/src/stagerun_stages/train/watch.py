"""Watches a training while it runs and warns: the loss does not move, the steps get slow, nothing happens any more.

What counts as such is in watching.py. Nothing here changes or ends a training.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType
from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.train.trainer import Progress
from stagerun_stages.train.watching import EDGE, FIRST, SLOWER, moves, patience, slower

LOOK = 1.0  # seconds between two looks at the clock


class Watch(TrainerCallback):
    """Use as `with watch: trainer.train()`, so that its clock ends with the training, however that ends.

    `loss_moves`: whether the loss of this kind of training is expected to fall; GRPO's hovers around zero by design.
    """

    def __init__(self, ctx: Ctx, progress: Progress, *, loss_moves: bool) -> None:
        self.ctx, self.run, self.loss_moves = ctx, progress, loss_moves
        self.first: list[tuple[float, int]] = []  # seconds and tokens of the first steps
        self.last: deque[tuple[float, int]] = deque(maxlen=EDGE)
        self.begun = self.beat = time.monotonic()
        self.slow = self.stalled = False
        self.tokens = progress.tokens
        self.over = threading.Event()
        self.clock = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Watch:
        self.beat = time.monotonic()
        self.clock.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.clock.join()

    def on_step_begin(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Start the clock of a step."""
        self.begun = self.beat = time.monotonic()

    def on_substep_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """A sign of life."""
        self.beat = time.monotonic()

    on_prediction_step = on_evaluate = on_save = on_substep_end

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Close a step and judge what there is to judge."""
        self.beat, self.stalled = time.monotonic(), False
        step = (self.beat - self.begun, self.run.tokens - self.tokens)
        self.tokens = self.run.tokens
        if len(self.first) <= EDGE:
            self.first.append(step)
        else:
            self.last.append(step)
        self._judge_speed(state.global_step)
        if state.global_step == FIRST and self.loss_moves:
            self._judge_loss()

    def _judge_speed(self, step: int) -> None:
        if self.slow or len(self.last) < EDGE or step % EDGE:
            return
        seconds, tokens = zip(*self.first, *self.last, strict=True)
        times = slower(seconds, tokens)
        if times > SLOWER:
            self.slow = True
            self.ctx.warn(f"at step {step} the training has become {times:.1f} times slower than it began")

    def _judge_loss(self) -> None:
        losses = self.run.early
        if len(losses) == FIRST and not moves(losses):
            self.ctx.warn(
                f"the loss did not improve beyond its noise in the first {FIRST} steps "
                f"({losses[0]:.4g} at first, {losses[-1]:.4g} at last); look at learning_rate and at the data"
            )

    def _listen(self) -> None:
        while not self.over.wait(LOOK):
            quiet = time.monotonic() - self.beat
            if not self.stalled and quiet > patience([seconds for seconds, _ in self.last or self.first]):
                self.stalled = True
                self.ctx.warn(f"nothing has happened for {quiet:.0f} s; the training may hang")
