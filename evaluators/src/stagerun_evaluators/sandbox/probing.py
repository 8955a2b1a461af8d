"""Tries a tier: starts a keeper with it, runs the probe inside, compares what it says with what is seen outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun_evaluators.keeper.serve import start_argv
from stagerun_evaluators.keeper.wire import PYTHON, PYTHON_ENVIRON, CommandRow, CompletedRow, Job, Purpose
from stagerun_evaluators.sandbox.doors import OUTSIDE_ONLY, Doors

_MEMORY_MB = 24  # of the command that uses more than that in several processes
_SCRIPT = Path(__file__).with_name("escapes.py")
_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")  # as the judge's slots have it


@frozen
class Tried:
    """What came of every escape; `reason` says why there is nothing to tell."""

    stops: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    reason: str = ""


@cache
def probe(entry: str) -> Tried:
    """Try a tier by its `module:Class`; once in a process, as what a system allows does not change under it."""
    doors = Doors()
    try:
        tries = doors.tries()
        greedy: list[list[object]] = [
            ["memory of many processes", "memory", 6, 13 << 20],
            ["filling the folder", "size", 12, 50 << 20],
        ]
        rows = _run(
            entry,
            [_command(tries, 1024), *(_command([one], mb) for one, mb in zip(greedy, (_MEMORY_MB, 1024), strict=True))],
        )
        if isinstance(rows, str):
            return Tried(reason=rows)
        return _settled([*tries, *greedy], rows, doors.seen())
    finally:
        doors.close()


def _settled(tries: Sequence[Sequence[Any]], rows: Sequence[CompletedRow | None], seen: dict[str, bool]) -> Tried:
    """An escape is open when it was seen to work, or was said to where nothing can be seen; what was not tried is open."""
    said = {name: what for row in rows if row for name, what in _lines(row["stdout"])}
    ended = {name: row for (name, *_), row in zip(tries[-2:], rows[1:], strict=True)}
    made: dict[str, bool] = {}
    for name, *_ in tries:
        if name in OUTSIDE_ONLY:
            made[name] = seen[name]
        elif name in ended and (row := ended[name]) is not None:
            made[name] = said.get(name) == "open" and not row["out_of_memory"] and row["returncode"] == 0
        else:
            made[name] = seen.get(name, False) or not said.get(name, "open").startswith("stopped")
    if not said:
        first = rows[0]
        return Tried(reason=f"the probe did not run: {_last(first['stderr']) if first else 'nothing came of it'}")
    return Tried(
        tuple(name for name, done in made.items() if not done), tuple(name for name, done in made.items() if done)
    )


def _lines(text: str) -> list[list[str]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("[")]


def _command(tries: Sequence[object], memory_mb: int) -> CommandRow:
    argv = [*PYTHON, str(_SCRIPT), json.dumps(tries)]
    return CommandRow(argv=argv, timeout=5.0, memory_mb=memory_mb, environ={}, stdin="", files={}, reads=[])


def _run(entry: str, rows: list[CommandRow]) -> Sequence[CompletedRow | None] | str:
    """What became of the commands; a text, why not, when there is no keeper with that tier."""
    paths = [path for path in sys.path if path]
    purpose = Purpose(sandbox=entry, paths=paths, site=[], zygote="", reads=[])
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | PYTHON_ENVIRON | {"LC_ALL": "C.UTF-8"}
    job = Job(files={}, commands=rows, chains=[[at] for at in range(len(rows))], given={}, root="")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        start_argv(purpose), stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd="/", start_new_session=True
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        try:
            keeper.stdin.write(json.dumps(job).encode() + b"\n")
            keeper.stdin.flush()
            line = keeper.stdout.readline()
            keeper.stdin.close()
        except BrokenPipeError:
            line = b""
        if not line:
            return _last(keeper.stderr.read().decode("utf-8", "replace"))
        done: Sequence[CompletedRow | None] = json.loads(line)["done"]
        return done


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
