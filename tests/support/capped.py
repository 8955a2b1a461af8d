"""`train.sft` with little memory: the kernel refuses the process more than `room` once training begins."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun import Ctx, option
from stagerun_stages.train.sft import Sft


@frozen(kw_only=True)
class Capped(Sft):
    """Trains in `room` MiB beyond what the process has when it begins to train."""

    room: int = option(400, about="MiB", affects_result=False)

    def run(self, ctx: Ctx) -> None:
        from stagerun_stages.train.trainer import Watched

        whole, room = Watched.resume, self.room

        def resume(trainer: Any, checkpoint: Path | None) -> None:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + room * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
            whole(trainer, checkpoint)

        Watched.resume = resume
        Sft.run(self, ctx)
