"""Makes a Rust task of one that was read from another format."""

from __future__ import annotations

import attrs

from stagerun.contracts import Task


def adopted(task: Task) -> Task:
    """`exercism`: the exercise's own Cargo.toml counts. `humaneval`: tests that close the candidate's last brace do not."""
    kind = task.meta.get("format")
    if kind == "exercism":
        return _exercise(task)
    return attrs.evolve(task, tests=_closed(task.tests)) if kind == "humaneval" else task


def _exercise(task: Task) -> Task:
    stubs = task.meta.get("stubs", {})
    cargo = stubs.get("Cargo.toml", "") if hasattr(stubs, "get") else ""
    given = {**({"Cargo.toml": cargo} if cargo else {}), **task.files}
    return attrs.evolve(task, files=given)


def _closed(tests: str) -> str:
    left = tests.lstrip()
    return left[1:] if left.startswith("}") else tests
