"""Experiment trackers: those that transformers knows by the name in `trainer.report_to`. Nothing leaves the machine unasked.

Weights & Biases stays offline unless the user sets WANDB_MODE; `wandb sync` sends the runs later. Which of the others send
anything is a matter of their own settings.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from stagerun import Ctx, StageError


def track(names: Any, ctx: Ctx) -> list[str]:
    """The trackers to report to. Raises StageError for Weights & Biases where it is not installed."""
    wanted = [names] if isinstance(names, str) else list(names)
    if "wandb" in wanted:
        if find_spec("wandb") is None:
            raise StageError(
                "trainer.report_to names wandb, which is not installed", "install wandb, or do not name it"
            )
        if "WANDB_MODE" not in os.environ:
            os.environ["WANDB_MODE"] = "offline"
            ctx.note("Weights & Biases stays offline; set WANDB_MODE=online to send, or run `wandb sync` later")
    return wanted
