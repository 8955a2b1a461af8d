"""The worker process: `python -m stagerun.worker`. Plumbing of the protocol, nothing about stages."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

from stagerun.errors import Failure
from stagerun.model.result import Result
from stagerun.registry import Registry
from stagerun.worker.context import Context
from stagerun.worker.execute import Done, Outcome, execute, make_context
from stagerun.worker.guard import start_guard, stop_guard
from stagerun.worker.job import Job
from stagerun.worker.sending import sender


def main() -> None:
    """Read a job, run it, say how it went. The exit code is 0 whenever the outcome could be told."""
    control = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a stage that reads its input gets an end of file
    events = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints belongs into the log
    guard = start_guard(control)
    reader = os.fdopen(control, "rb", buffering=0)
    line = reader.readline()
    if line:
        _serve(Job.from_line(line), reader, events)
    stop_guard(guard)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # libraries' threads and atexit handlers must not hold up a finished stage


def _serve(job: Job, reader: Any, events: int) -> None:
    send = sender(events)
    ctx = make_context(job, send)
    threading.Thread(target=_listen, args=(reader, ctx, send), daemon=True).start()
    send(ending(execute(job, ctx, Registry())))


def _listen(reader: Any, ctx: Context, send: Any) -> None:
    """Pass a stop on to a stage that watches for it; end a stage that never looked."""
    for line in reader:
        if json.loads(line).get("do") == "stop":
            ctx.stopping.set()
            if not ctx.watches_stop:
                send(ending(None))
                os._exit(0)


def ending(outcome: Outcome) -> dict[str, Any]:
    """The protocol's last message."""
    if outcome is None:
        return {"kind": "worker.interrupted"}
    if isinstance(outcome, Failure):
        return {"kind": "worker.failed", "reason": outcome.reason, "message": outcome.message, "step": outcome.step}
    return {"kind": "worker.done", "libraries": outcome.libraries, **outcome.result.facts()}


def outcome_of(message: dict[str, Any]) -> Outcome:
    """Inverse of `ending`, without the outputs: the engine reads those from the sealed folder."""
    if message["kind"] == "worker.interrupted":
        return None
    if message["kind"] == "worker.failed":
        return Failure(message["reason"], message["message"], message.get("step"))
    result = Result(message["stage"], message["fingerprint"], message["parts"], {}, message["metrics"])
    return Done(result, message["libraries"])
