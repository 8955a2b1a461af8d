"""Tasks as rows of the format `tasks`: from folders of them, and from rows that are a task themselves, HumanEval's among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from stagerun import DropRow, StageError, Task
from stagerun.tasks import read_tasks, task_of_row
from stagerun_stages.code.asked import messages_of
from stagerun_stages.data.reading import Found

PROMPT = "{statement}"
MARKS = ("task.toml", ".meta/config.json")


def has_folders(path: Path) -> bool:
    """Whether a path is a task folder, an exercise, or a folder of these, at most three deep."""
    return path.is_dir() and any(
        next(path.glob("/".join(["*"] * depth + [mark])), None) is not None for depth in range(4) for mark in MARKS
    )


def from_folders(path: Path, name: str) -> Iterator[Found]:
    """Every task as a row; raises StageError for one that is malformed."""
    for task in read_tasks(path):
        yield Found(f"{name}#{task.id}", row_of(task))


def row_of(task: Task) -> dict[str, Any]:
    """A row of the format `tasks`: the conversation that asks for it, and the task."""
    made = attrs.asdict(task)
    if "messages" in task.meta:
        made["meta"] = {key: value for key, value in task.meta.items() if key != "messages"}
    return {"messages": messages_of(task, PROMPT), "task": made}


def from_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row that is a task itself, as one with a conversation; any other as it is. Raises DropRow."""
    is_task = "task" not in row and "messages" not in row and ("tests" in row or "test" in row or "files" in row)
    if not is_task or "expect" in row:
        return row
    try:
        return row_of(task_of_row(row, "row"))
    except StageError as error:
        raise DropRow(_reason(error)) from error


def _reason(error: StageError) -> str:
    """Reasons are counted, so they hold nothing of the row but what kind of fault it is."""
    return "a task without language" if "no language" in error.what else "a task that cannot be read"
