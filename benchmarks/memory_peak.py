"""The most memory that two training steps hold, to the byte: every allocation of torch's CPU allocator, added up in order.

torch's profiler tells of each block that is taken and given back, temporary ones inside kernels included, so the sum is what
must have been there; the process's own size would also count libraries, caches and what the system has not taken back. What
stood before the first step (weights and adapter) is counted by its storages. Two steps, since the optimizer's moments come
into being at the end of the first.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import TrainerCallback, trainer

STEPS = 2


class Peak(TrainerCallback):  # type: ignore[misc] # transformers is not looked into
    """Measures from the beginning of a training to the end of its second step; `found` is in bytes."""

    def __init__(self) -> None:
        self.found = 0
        self.profile: Any = None
        self.standing = 0

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, model: Any = None, **_: Any) -> None:
        """Count what stands and start to listen."""
        self.standing = held(model)
        gc.collect()
        self.profile = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True)
        self.profile.__enter__()

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """After the last of the steps, add up."""
        if state.global_step == STEPS:
            self.profile.__exit__(None, None, None)
            self.found = self.standing + most(self.profile)
            self.profile = None


def held(model: Any) -> int:
    """Bytes of a model's parameters and buffers, shared ones once."""
    tensors = [*model.parameters(), *model.buffers()]
    return sum({each.untyped_storage().data_ptr(): each.untyped_storage().nbytes() for each in tensors}.values())


def most(profile: Any) -> int:
    """The largest sum of blocks taken so far less blocks given back."""
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = top = 0
    for event in sorted(events, key=lambda one: one.start_ns()):
        now += event.nbytes()
        top = max(top, now)
    return top


@contextmanager
def measured() -> Iterator[Peak]:
    """Measures the training that is begun inside; `Peak.found` is there afterwards."""
    peak = Peak()
    before = list(trainer.DEFAULT_CALLBACKS)
    trainer.DEFAULT_CALLBACKS.append(peak)
    try:
        yield peak
    finally:
        trainer.DEFAULT_CALLBACKS[:] = before
