"""The longest batch first, once: one forward and backward pass whose results are thrown away.

If the memory does not suffice it shows here and not at hour five. Afterwards everything is as it was: random states, gradients,
the trainer's counts; the training that follows gives the same bytes with and without it. Room for the two moments that Adam keeps
of each trained number is held meanwhile, since a real step has them. Not covered: what generation takes in GRPO.
"""

from __future__ import annotations

import copy
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.models.lora import trainable
from stagerun_stages.train import flattened, together
from stagerun_stages.train.callbacks import leave

MOMENTS = 2  # AdamW's, per trained number
KEPT = ("_metrics", "_total_train_tokens")  # what TRL's losses count


class LongestFirst(TrainerCallback):
    """Rehearses when the training begins; the trainer's `longest(count)` gives the batch."""

    def __init__(self, ctx: Ctx, trainer: Any) -> None:
        self.ctx, self.trainer = ctx, trainer

    def on_train_begin(self, args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Run the pass and leave its size as a proof. Running out of memory here ends the attempt like anywhere else."""
        trainer = self.trainer
        with _undisturbed(trainer):
            rows = args.per_device_train_batch_size
            batch = trainer.longest(rows)
            tokens = trainer.size(batch)
            trainer.current_gradient_accumulation_steps = args.gradient_accumulation_steps  # else set by the first step
            _forward_and_backward(trainer, trainer._prepare_input(batch))
        self.ctx.prove("longest batch", True, rows=rows, tokens=tokens, peak_mib=peak_memory())
        leave(trainer, self)


def _forward_and_backward(trainer: Any, batch: Any) -> None:
    model = trainer.model_wrapped
    flat = flattened.is_flattened(trainer.model)
    tensors, parts = trainable(trainer.model).values(), together.count() if flat else 1
    room = [each.new_empty(each.numel() // parts) for each in tensors for _ in range(MOMENTS)]
    model.train()
    with trainer.compute_loss_context_manager(), getattr(trainer, "maybe_activation_offload_context", nullcontext()):
        if flat:
            with flattened.autocast(model):
                flattened.gradients(trainer.compute_loss(trainer.model, batch), trainer.model)
        else:
            trainer.accelerator.backward(trainer.compute_loss(model, batch))
    del room


@contextmanager
def _undisturbed(trainer: Any) -> Iterator[None]:
    """Put back what a pass changes, also when it fails."""
    counts = {name: copy.deepcopy(getattr(trainer, name)) for name in KEPT if hasattr(trainer, name)}
    cpu = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    try:
        yield
    finally:
        trainer.model.zero_grad(set_to_none=True)
        vars(trainer).update(counts)
        torch.set_rng_state(cpu)
        torch.cuda.set_rng_state_all(cuda)
        if mps is not None:
            torch.mps.set_rng_state(mps)


def peak_memory() -> float:
    """The most memory in MiB that this process held so far: on its CUDA device, else in all."""
    if torch.cuda.is_available():
        return round(torch.cuda.max_memory_allocated() / 2**20, 1)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # getrusage(2): bytes on macOS, KiB on Linux
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
