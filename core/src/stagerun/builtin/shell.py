"""The stage `shell`: any command as a stage, so that people can bring their scripts.

The command runs in the pipeline file's folder with `STAGERUN_OUT`, `STAGERUN_WORK`, `STAGERUN_SEED`, `STAGERUN_STAGE` and
`STAGERUN_INPUT_<NAME>` set; `python` is the interpreter of the stage's environment. What it prints goes to log.txt. It is
trusted: the user's own script, no sandbox.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from attrs import frozen

from stagerun.contracts import Ctx, Need, Output, option
from stagerun.contracts.context import Interrupted
from stagerun.errors import StageError
from stagerun.model import Artifact

LOOK = 0.2  # seconds between two looks at whether the run was asked to stop
GRACE = 10.0  # seconds a command gets to end by itself


@frozen
class Shell:
    """Runs a command; whatever it writes into $STAGERUN_OUT is the output, $STAGERUN_OUT/metrics.json the metrics."""

    needs: ClassVar = {"inputs": Need(("*",), optional=True, many=True, about="artifacts the command reads")}
    produces: ClassVar = {
        "out": Output("*", "out", about="a need of any kind takes it, or a file of it: NAME.out/rows.jsonl")
    }
    metrics: ClassVar = ("*",)

    run_: str | tuple[str, ...] = option(about="a line for sh, or a list of words that is run as it is", alias="run")
    files: tuple[str, ...] = option((), about="scripts and data it reads; the stage runs again when one changes")
    env: dict[str, str] = option(factory=dict, about="environment variables")

    def reads(self) -> Iterable[str]:
        return self.files

    def run(self, ctx: Ctx) -> None:
        out = ctx.out / "out"
        out.mkdir()
        argv = ["sh", "-c", self.run_] if isinstance(self.run_, str) else list(self.run_)
        try:
            process = subprocess.Popen(argv, env=self._environ(ctx, out), stdin=subprocess.DEVNULL)
        except OSError as error:
            raise StageError(f"cannot start {argv[0]}: {error.strerror}", "is it installed and on PATH?") from None
        code = _wait(process, ctx)
        if code != 0:
            said = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise StageError(f"the command {said}", "its output is in log.txt")
        if not any(out.iterdir()):
            raise StageError("the command wrote nothing into $STAGERUN_OUT", "write what it made there")
        _read_metrics(out / "metrics.json", ctx)

    def _environ(self, ctx: Ctx, out: Path) -> dict[str, str]:
        given = {f"STAGERUN_INPUT_{_name(made)}": str(made.path or made.source) for made in ctx.many.get("inputs", ())}
        own = {
            "STAGERUN_OUT": str(out),
            "STAGERUN_WORK": str(ctx.work),
            "STAGERUN_SEED": str(ctx.seed),
            "STAGERUN_STAGE": ctx.stage,
        }
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return {**os.environ, "PATH": path, **self.env, **own, **given}


def _name(made: Artifact) -> str:
    """`tool_data.train` gives TOOL_DATA_TRAIN."""
    return "".join(letter if letter.isalnum() else "_" for letter in made.source).upper()


def _wait(process: subprocess.Popen[bytes], ctx: Ctx) -> int:
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK)
        if ctx.stop_requested:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            raise Interrupted


def _read_metrics(path: Path, ctx: Ctx) -> None:
    if not path.exists():
        return
    try:
        value: Any = json.loads(path.read_text(encoding="utf-8"))
        ctx.result(**{str(name): float(number) for name, number in value.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise StageError(f"metrics.json does not map names to numbers ({error})", "write {'loss': 1.5}") from None
