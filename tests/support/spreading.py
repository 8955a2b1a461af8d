"""A stage in two processes, without any training library. Run as a script it is their launcher, and each of them.

The launcher puts each process into a session of its own and ends the others when one fails, as torchrun does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

from attrs import frozen

from stagerun import Ctx, Output, StageError, option
from stagerun.contracts.context import Interrupted
from stagerun.worker.rank import join
from stagerun.worker.ranks import spread

LONG = 300.0  # seconds: until the test is long over


@frozen
class Spread:
    """The first process writes the output; `second` says what the other does meanwhile."""

    produces: ClassVar = {"out": Output("report", "out.txt")}
    metrics: ClassVar = ("loss",)
    second: str = option("finish")

    def run(self, ctx: Ctx) -> None:
        """As the worker."""
        (ctx.work / "worker").write_text(str(os.getpid()))
        spread(ctx, [sys.executable, __file__], 2)

    def work(self, rank: int, ctx: Ctx) -> None:
        """As one of the two."""
        (ctx.work / f"pid_{rank}").write_text(str(os.getpid()))
        if rank == 0:
            self._await(ctx.work / "pid_1")
            ctx.progress(7)
            (ctx.work / "told").touch()
        if rank == 1:
            self._await(ctx.work / "told")
            getattr(self, self.second)(ctx)
        elif self.second == "finish":
            self._write(ctx)
        else:
            self._wait(ctx)

    @staticmethod
    def _await(file: Path) -> None:
        while not file.exists():
            time.sleep(0.01)

    def _write(self, ctx: Ctx) -> None:
        found = ctx.checkpoints.latest()
        print("a library that prints")
        for step in range(found.step + 1 if found else 1, 5):
            ctx.metric(step, loss=1 / step)
            with ctx.checkpoints.saving(step):
                pass
        ctx.note("half way")
        ctx.result(loss=0.25)
        ctx.describe("out", rows=4)
        (ctx.out / "out.txt").write_text("made\n")

    @staticmethod
    def _wait(ctx: Ctx) -> None:
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            if ctx.stop_requested:
                raise Interrupted("asked to stop")
            time.sleep(0.01)

    @staticmethod
    def finish(ctx: Ctx) -> None:
        """What only the first should be heard of."""
        ctx.metric(1, loss=7.0)
        ctx.note("not heard")
        ctx.result(loss=7.0)

    @staticmethod
    def fail(_: Ctx) -> None:
        """A mistake that no retry mends."""
        raise StageError("the rows are bad", "mend them")

    @staticmethod
    def starve(_: Ctx) -> None:
        """Run out of memory."""
        raise MemoryError

    @staticmethod
    def leave(_: Ctx) -> None:
        """Go without a word."""
        os._exit(3)

    @staticmethod
    def wait(_: Ctx) -> None:
        """Be deaf and blind."""
        time.sleep(LONG)

    @staticmethod
    def die(_: Ctx) -> None:
        """Be killed."""
        os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def orphan(ctx: Ctx) -> None:
        """Kill the launcher, and live on."""
        os.kill(os.getppid(), signal.SIGKILL)
        Spread.wait(ctx)

    @staticmethod
    def revolt(ctx: Ctx) -> None:
        """Kill the worker, and live on."""
        os.kill(int((ctx.work / "worker").read_text()), signal.SIGKILL)
        Spread.wait(ctx)


def launch(folder: str) -> int:
    """Start both and wait; end the other when one fails."""
    argv = [sys.executable, __file__, folder]
    ranks = [subprocess.Popen([*argv, str(rank)], start_new_session=True) for rank in range(2)]
    while None in (codes := [each.poll() for each in ranks]) and not any(codes):
        time.sleep(0.01)
    exits = {rank: code for rank, code in enumerate(codes) if code}
    for each in ranks:
        each.terminate()
        each.wait()
    if exits:
        print(json.dumps({"kind": "ranks.died", "exits": exits}), flush=True)
    return int(bool(exits))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(launch(sys.argv[1]))
    number = int(sys.argv[2])
    join(number, Path(sys.argv[1]), lambda stage, ctx: stage.work(number, ctx))
