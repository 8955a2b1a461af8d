"""`python -m stagerun_stages.train.rank FOLDER`: one of the processes that torchrun starts for a training."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stagerun import Ctx
from stagerun.worker.rank import join

if TYPE_CHECKING:
    from stagerun_stages.train.options import Training


def work(stage: Training, ctx: Ctx) -> None:
    """Train, and part from the others."""
    from stagerun_stages.train import flattened, together, zero

    if zero.in_force(stage.launch):
        flattened.without_compiler()
    stage.train(ctx)
    together.part()


if __name__ == "__main__":
    join(int(os.environ["RANK"]), Path(sys.argv[1]), work)
