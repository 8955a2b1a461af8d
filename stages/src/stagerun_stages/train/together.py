"""What the processes of one training tell each other. With a single process every question answers itself.

Each function is a meeting: all processes must call it, in the same order, or they wait for each other for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from transformers import TrainerCallback

from stagerun import Ctx
from stagerun_stages.train.trainer import Progress


def count() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if count() > 1 else 0


def means(values: Sequence[float]) -> list[float]:
    """The mean of each value over all processes."""
    if count() == 1:
        return list(values)
    device = "cpu" if dist.get_backend() == "gloo" else torch.device("cuda", torch.cuda.current_device())
    total = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(total)
    return [value / count() for value in total.tolist()]


def gathered(value: Any) -> list[Any]:
    """What every process has, by rank; of anything that can be pickled."""
    if count() == 1:
        return [value]
    found = [None] * count()
    dist.all_gather_object(found, value)
    return found


def shared_out(items: Sequence[Any], work: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
    """What `work` gives for the items, each process doing every so many-th of them."""
    every = gathered(work(items[rank() :: count()]))
    return [every[place % count()][place // count()] for place in range(len(items))]


def wait() -> None:
    """Until all are here."""
    if count() > 1:
        dist.barrier()


def part() -> None:
    """Leave once all are done, so that none loses another in the middle of a word."""
    if count() > 1:
        dist.barrier()
        dist.destroy_process_group()


class Agree(TrainerCallback):
    """Before others look at a step: its loss becomes the mean over all processes, and all know whether to stop.

    Processes but the first also draw their own dropout; rows are ordered by a seed of their own, which this does not touch.
    """

    def __init__(self, ctx: Ctx, progress: Progress) -> None:
        self.ctx, self.run = ctx, progress
        self.asked = False

    def on_train_begin(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        """A random state for each; a checkpoint of as many processes puts back its own."""
        if rank() > 0:
            torch.manual_seed(args.seed + state.global_step + rank())

    def on_step_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Ask around."""
        self.run.current, asked = means([self.run.current, float(self.ctx.stop_requested)])
        self.asked = asked > 0
