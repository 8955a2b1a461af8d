"""Stages and gates for the engine's tests, found through real entry points (the dist-info folder beside this file)."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Artifact, Ctx, GateInput, Interrupted, Need, Output, StageError, Verdict, option, source
from stagerun.contracts.source import Row


@frozen
class Make:
    """A light stage that writes a text."""

    needs: ClassVar = {"before": Need("dataset", optional=True, many=True)}
    produces: ClassVar = {"train": Output("dataset", "train.txt"), "other": Output("dataset", "other.txt")}
    metrics: ClassVar = ("size",)
    in_process: ClassVar = True

    text: str = option("x", about="what to write")
    metric: float | None = option(None, about="reported as size")
    fail: str = option("", affects_result=False, about="fail with this message")
    note: str = option("", affects_result=False, about="not part of the result")
    external: tuple[str, ...] = option((), about="outside files")
    nan: bool = option(False, about="report no number")
    skip_output: bool = option(False, about="break the promise")

    def reads(self) -> tuple[str, ...]:
        return self.external

    def run(self, ctx: Ctx) -> None:
        if self.fail:
            raise StageError(self.fail, "do something else")
        taken = "".join(artifact.local().read_text() for artifact in ctx.many.get("before", ()))
        (ctx.out / "train.txt").write_text(taken + self.text)
        if not self.skip_output:
            (ctx.out / "other.txt").write_text("other")
        if self.metric is not None:
            ctx.result(size=self.metric)
        if self.nan:
            ctx.result(size=float("nan"))
        if self.note == "tell verdicts":
            ctx.emit("verdicts", said=ctx.verdicts)


@frozen
class Take:
    """A stage with one need of each sort, in a process of its own."""

    needs: ClassVar = {"train": Need("dataset"), "model": Need(("model", "adapter"), optional=True)}
    produces: ClassVar = {"adapter": Output("adapter", "adapter", base="model")}

    seconds: float = option(0.0, about="how long to work")

    def run(self, ctx: Ctx) -> None:
        time.sleep(self.seconds)
        (ctx.out / "adapter").mkdir()
        source: Artifact = ctx.inputs["train"]
        (ctx.out / "adapter" / "weights").write_text(source.local().read_text().upper())


@frozen
class Count:
    """Counts steps with checkpoints, as a trainer does; can be made to die in many ways."""

    produces: ClassVar = {"model": Output("model", "model.txt")}
    metrics: ClassVar = ("loss",)

    steps: int = option(6, about="how many")
    pause: float = option(0.0, affects_result=False, about="seconds for each step")
    save_every: int = option(2, affects_result=False, about="steps between checkpoints")
    die_at: int = option(0, affects_result=False, about="step to die at")
    die_how: str = option("raise", affects_result=False, about="raise, kill, exit, stage_error, memory, hang")
    die_once: str = option("", affects_result=False, about="a file that, once it exists, means to live")

    def run(self, ctx: Ctx) -> None:
        found = ctx.checkpoints.latest()
        start, total = (found.step, float((found.path / "total").read_text())) if found else (0, 0.0)
        for step in range(start + 1, self.steps + 1):
            time.sleep(self.pause)
            total += step * 0.5
            ctx.metric(step, loss=1.0 / step)
            ctx.progress(step, self.steps)
            self._maybe_die(step)
            if step % self.save_every == 0 or ctx.stop_requested:
                with ctx.checkpoints.saving(step) as folder:
                    (folder / "total").write_text(str(total))
            if ctx.stop_requested:
                raise Interrupted
        (ctx.out / "model.txt").write_text(f"{total}\n")
        ctx.result(loss=1.0 / self.steps, started_at=start)

    def _maybe_die(self, step: int) -> None:
        if step != self.die_at or (self.die_once and Path(self.die_once).exists()):
            return
        if self.die_once:
            Path(self.die_once).touch()
        if self.die_how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.die_how == "exit":
            os._exit(3)
        if self.die_how == "hang":
            time.sleep(3600)
        raise {"raise": RuntimeError, "stage_error": StageError, "memory": MemoryError}[self.die_how]("dying as asked")


@frozen
class Shrink:
    """Runs out of memory until it was told of `enough` such failures; takes no less after six."""

    produces: ClassVar = {"text": Output("file", "text")}
    metrics: ClassVar = ("failures",)
    shrinks: ClassVar = True

    enough: int = option(1, about="failures before it fits")
    killed: str = option("", about="a stand-in for /proc/vmstat: die as one whom the system kills for memory")

    def run(self, ctx: Ctx) -> None:
        if ctx.memory_failures > 5:
            raise StageError("it takes no less", "make it smaller")
        if ctx.memory_failures < self.enough:
            if not self.killed:
                raise MemoryError
            Path(self.killed).write_text("oom_kill 4\n")
            os.kill(os.getpid(), signal.SIGKILL)
        (ctx.out / "text").write_text("fits")
        ctx.result(failures=ctx.memory_failures)


@frozen
class Convert:
    """Converts rows with the sources that its options name."""

    produces: ClassVar = {"text": Output("dataset", "rows.txt")}

    sources: tuple[str, ...] = option(("test.rows",), about="names of sources")
    asks_for: str = option("", about="a source that is asked for and not named")

    def plugins(self) -> Iterator[tuple[str, str, str]]:
        for place, name in enumerate(self.sources):
            yield "sources", name, f"sources.{place}"

    def run(self, ctx: Ctx) -> None:
        names = (*self.sources, *filter(None, [self.asks_for]))
        told = [ctx.plugin("sources", name)({"text": "row"})["text"] for name in names]
        (ctx.out / "rows.txt").write_text(" ".join(told))


@source(hub="org/rows", version="7")
def rows(row: Row) -> Row:
    """Rows in capitals."""
    return {"text": row["text"].upper()}


@frozen
class Raises:
    """A gate that raises."""

    def judge(self, given: GateInput) -> Verdict:
        raise ZeroDivisionError(given.stage)


@frozen
class Full:
    """Writes to a device that is always full."""

    produces: ClassVar = {"text": Output("file", "text")}

    def run(self, ctx: Ctx) -> None:
        Path("/dev/full").write_text("x" * 100_000)


class Told:
    """A judge that judges nothing and shows what it was told."""

    def __init__(self, evaluators: Callable[[str], object], workers: int = 0, cache: bool = True) -> None:
        self.evaluators, self.options = evaluators, {"workers": workers, "cache": cache}


@frozen
class Judged:
    """Writes down what its judge was told, and the language it finds."""

    produces: ClassVar = {"text": Output("file", "told")}

    asked: tuple[str, ...] = option(("*",), about="languages")
    finds: str = option("python", about="a language to look for")

    def languages(self) -> tuple[str, ...]:
        return self.asked

    def run(self, ctx: Ctx) -> None:
        judge: Any = ctx.judge
        (ctx.out / "told").write_text(json.dumps([judge.options, judge.evaluators(self.finds).name]))
