"""The learning rate of every step, by transformers' own schedules, known before the training begins."""

from __future__ import annotations

import math

from stagerun import StageError
from stagerun_stages.train.options import Training


def learning_rates(options: Training, steps: int) -> list[float]:
    """As a training with TRL has them; raises StageError for a schedule that transformers does not have or refuses."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=options.learning_rate)
    warmup = int(options.warmup) if options.warmup >= 1 else math.ceil(steps * options.warmup)
    more = options.trainer.get("lr_scheduler_kwargs") or {}
    try:
        schedule = get_scheduler(options.schedule, optimizer, warmup, steps, scheduler_specific_kwargs=dict(more))
    except (ValueError, TypeError) as error:
        raise StageError(f"schedule {options.schedule} is refused: {error}", "look at schedule and trainer") from error
    found = []
    for _ in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return found
