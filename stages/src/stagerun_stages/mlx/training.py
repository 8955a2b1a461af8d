"""The steps of a training with MLX, one after the other: metrics, checkpoints, evaluation, a stop when asked."""

from __future__ import annotations

import math
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

from attrs import define, field

from stagerun import Ctx, Interrupted, StageError
from stagerun_stages.mlx.batches import Batch, Course, collate, learned, longest
from stagerun_stages.mlx.checkpoints import State, save
from stagerun_stages.mlx.evaluating import evaluate
from stagerun_stages.mlx.proving import look, prove_first_loss
from stagerun_stages.mlx.rates import learning_rates
from stagerun_stages.mlx.stepping import Step, Stepper, recomputing, slope_of
from stagerun_stages.models.lora import groups
from stagerun_stages.train.session import Rows, Session
from stagerun_stages.train.watch import Watch
from stagerun_stages.train.window import Window

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

MULTIPLE = 32  # widths of batches on Metal, where each new one is compiled; mlx-lm's own
NEVER = 10**9


@define
class Training:
    """A training under way; `run` takes its steps."""

    session: Session
    options: Sft
    rows: Rows
    validation: Rows
    state: State
    course: Course
    watch: Watch = field(init=False)
    targets: Window = field(init=False)
    stepper: Stepper = field(init=False)
    multiple: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        import mlx.core as mx

        metal, model = mx.metal.is_available(), self.state.model
        self.watch = Watch(self.ctx, self.state.progress, loss_moves=True)
        self.targets = Window(self.ctx, "lora_a")
        slope = slope_of(model, compiled=metal)
        self.stepper = Stepper(model, self.state.optimizer, self.options.max_grad_norm, slope)
        self.multiple = MULTIPLE if metal else 1

    @property
    def ctx(self) -> Ctx:
        """What the stage was handed."""
        return self.session.ctx

    def run(self, done: int) -> None:
        """Take the steps after the first `done`."""
        if done >= self.course.steps:
            return
        rates = learning_rates(self.options, self.course.steps)
        self.state.model.train()
        self.targets.begin(groups(self.state.peft_model))
        with self.watch, recomputing(self.state.model, wanted=self.options.gradient_checkpointing):
            if self.options.longest_first:
                self._rehearse()
            for step in range(done, self.course.steps):
                self._step(step, rates[step])
        if self.targets.end():
            self.targets.prove()

    def validated(self) -> dict[str, float]:
        """The loss over the validation rows."""
        alive = partial(self.watch.on_substep_end, None, None, None)
        return evaluate(self.state.model, self.validation, self.course.micro, self._pad, alive)

    @property
    def _pad(self) -> int:
        return int(self.session.loaded.tokenizer.pad_token_id)

    def _batch(self, places: list[int]) -> Batch:
        return collate([self.rows[place] for place in places], self._pad, self.multiple)

    def _step(self, step: int, rate: float) -> None:
        import mlx.core as mx

        now = SimpleNamespace(global_step=step + 1)
        mx.random.seed(((self.ctx.seed << 32) + step) % 2**64)  # dropout draws the same in a step whatever was before
        self.watch.on_step_begin(None, None, None)
        batches = [self._batch(places) for places in self.course.at(step)]
        made = self.stepper.step(batches, rate, partial(self.watch.on_substep_end, None, None, None))
        self._count(batches, made, step + 1)
        look(self.targets, made.gradients)
        loss = self.state.progress.step()
        if step == 0 and self.session.loaded.adapter is None:
            prove_first_loss(self.ctx, loss, self.session.loaded.model.config.vocab_size)
        self.watch.on_step_end(None, now, None)
        self._tell(step + 1, loss, rate, made.norm)
        self._evaluate(step + 1)
        self._save(step + 1)

    def _count(self, batches: list[Batch], made: Step, step: int) -> None:
        for (ids, _), told in zip(batches, made.batches, strict=True):
            if not math.isfinite(told.loss):
                raise StageError(f"the loss is {told.loss} at step {step}", "lower learning_rate, or look at the data")
            self.state.progress.add(told.loss, ids.size)
            self.state.accuracies.append(told.accuracy)

    def _tell(self, step: int, loss: float, rate: float, norm: float) -> None:
        logged = step % self.options.logging_steps == 0
        if not logged or step == 1:
            self.ctx.progress(step, self.course.steps)
        if logged:
            accuracy = sum(self.state.accuracies) / len(self.state.accuracies)
            row = {"learning_rate": rate, "grad_norm": norm, "token_accuracy": accuracy}
            self.state.accuracies = []
            self.state.progress.row(row)
            self.ctx.metric(step, loss=loss, **row)

    def _evaluate(self, step: int) -> None:
        """While it trains, every `trainer.eval_steps` where `trainer.eval_strategy` is "steps"."""
        said = self.options.trainer
        every = int(said.get("eval_steps") or self.options.logging_steps)
        if said.get("eval_strategy", "no") == "steps" and self.validation and step % every == 0:
            self.ctx.metric(step, **self.validated())

    def _save(self, step: int) -> None:
        last, asked = step == self.course.steps, self.ctx.stop_requested
        if not (last or asked or step % (self.options.save_steps or NEVER) == 0):
            return
        self.state.progress.finished = last
        save(self.state, self.ctx, step, self.session.loaded.base)
        if self.ctx.stop_requested:
            raise Interrupted(f"asked to stop; saved at step {step}")

    def _rehearse(self) -> None:
        """The longest batch once, whose results are thrown away, so that memory fails now and not at hour five."""
        import mlx.core as mx

        batch = self._batch(longest(self.rows, self.course.micro))
        self.stepper.push(batch, mx.array(learned([batch])))
        peak = round(mx.get_peak_memory() / 2**20, 1)
        self.ctx.prove("longest batch", True, rows=len(batch[0]), tokens=batch[0].size, peak_mib=peak)
