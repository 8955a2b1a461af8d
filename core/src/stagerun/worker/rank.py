"""One of the processes that a stage works in: how it gets its context, and how it says that it is done.

The first process has a context like a worker's. The others have a silent one: what they measure is what the first measures, or a
part of it that they have given to the first. Not covered: who starts them, see ranks.py.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from attrs import define

from stagerun.contracts import Ctx
from stagerun.contracts.context import Interrupted
from stagerun.errors import StageError
from stagerun.model.seal import write_json
from stagerun.registry.registry import load
from stagerun.worker.context import Context, Send
from stagerun.worker.execute import failure_of, libraries, make_context, restore
from stagerun.worker.guard import start_guard, stop_guard
from stagerun.worker.ranks import DONE, FAILED, INTERRUPTED, Handed
from stagerun.worker.sending import sender

Work = Callable[[Any, Ctx], None]


@define
class Silent(Context):
    """The context of every process but the first: it tells nothing and writes no history."""

    def metric(self, step: int, **values: float) -> None:  # noqa: ARG002 - the contract's
        self.step = step

    def settle_metrics(self) -> None:
        pass

    def tell(self, kind: str, **data: Any) -> None:
        pass


def join(rank: int, folder: Path, work: Work) -> NoReturn:
    """Do `work(stage, ctx)` as process number `rank`, counted from 0, of those that `ranks.spread` had started; never returns.

    To be called before anything heavy is imported: the guard is a copy of this process. The exit code is 0 when the work is done.
    """
    control, events = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # whatever a library prints belongs into the log
    guard = start_guard(control)
    code = 0 if _done(rank, folder, work, control, sender(events) if rank == 0 else _nothing) else 1
    stop_guard(guard)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _done(rank: int, folder: Path, work: Work, control: int, send: Send) -> bool:
    ctx: Context | None = None
    try:
        handed = Handed.read(folder)
        ctx = make_context(handed.job, send, Silent if rank else Context)
        ctx.out, ctx.work = handed.out, handed.work
        if rank == 0:
            threading.Thread(target=_listen, args=(control, ctx), daemon=True).start()
        work(restore(load(handed.job.entry), handed.job.options), ctx)
        ctx.settle_metrics()
        send({"kind": DONE, "results": ctx.results, "metas": ctx.metas, "libraries": libraries()})
        return True
    except Interrupted:
        send({"kind": INTERRUPTED})
        return True
    except BaseException as error:  # whatever it is, the worker must hear of it as data
        _tell_failure(error, rank, folder, ctx)
        return False
    finally:
        if ctx is not None:
            ctx.close()


def _tell_failure(error: BaseException, rank: int, folder: Path, ctx: Context | None) -> None:
    found = failure_of(error, ctx.step if ctx is not None else None)
    row = {"rank": rank, "at": time.time(), "reason": found.reason, "message": found.message, "step": found.step}
    write_json(folder / FAILED.format(rank), row)
    if not isinstance(error, StageError):
        traceback.print_exception(error)


def _listen(control: int, ctx: Context) -> None:
    with os.fdopen(control, "rb", buffering=0) as lines:
        for line in lines:
            if json.loads(line).get("do") == "stop":
                ctx.stopping.set()


def _nothing(_: dict[str, Any]) -> None:
    pass
