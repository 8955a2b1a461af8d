"""Finds the tasks at a path, whatever their form: JSON Lines, a task folder, an exercise, or a folder of these."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from stagerun.contracts.task import Task
from stagerun.errors import StageError, nearest
from stagerun.tasks import exercism, folders, humaneval, rows
from stagerun.tasks.json_lines import json_lines

DEEPEST = 3  # folders between the path that is given and a task
FORMS = "JSON Lines, a folder with task.toml, an exercise with .meta/config.json, or a folder of these"


def read_tasks(path: Path | str, language: str = "", known: Collection[str] = ()) -> list[Task]:
    """Every task at `path`, in order of lines or names.

    `language` is for tasks that name none; `known` are the languages there are (empty: any). Tasks of foreign formats have
    `meta["format"]`, `humaneval` or `exercism`, and are for the language's `adopt`. Raises StageError, one line, for the
    first task that is not right: file, what was found, what is expected; also when there are none.
    """
    path = Path(path)
    tasks: dict[str, Task] = {}
    places: dict[str, str] = {}
    for place, task in _each(path, language):
        if task.id in tasks:
            raise StageError(f"{place}: the task {task.id} is also in {places[task.id]}", "give each task its own id")
        if known and task.language not in known:
            hint = nearest(task.language, known) or f"installed: {', '.join(sorted(known))}"
            raise StageError(f'{place}: the task {task.id} is in the language "{task.language}"', hint)
        tasks[task.id], places[task.id] = task, place
    if not tasks:
        raise StageError(f"{path.name} has no tasks", f"expected {FORMS}")
    return list(tasks.values())


def _each(path: Path, language: str) -> Iterator[tuple[str, Task]]:
    if path.is_file():
        yield from _of_file(path, path.name, language)
        return
    for place, name in places_of(path):
        if place.is_file():
            yield from _of_file(place, name, language)
        elif folders.is_task(place):
            yield name, folders.read_task(place, name, language)
        else:
            yield name, exercism.read_exercise(place, name, language)


def _of_file(path: Path, name: str, language: str) -> Iterator[tuple[str, Task]]:
    for place, row in json_lines(path, name):
        yield place, task_of_row(row, place, language)


def task_of_row(row: Mapping[str, Any], place: str, language: str = "") -> Task:
    """The task of one row of any form; raises StageError."""
    if humaneval.is_humaneval(row):
        return humaneval.task_of(row, place, language)
    return rows.task_of(row, place, language)


def places_of(path: Path) -> list[tuple[Path, str]]:
    """The task folders, exercises and JSON Lines files below a folder, each with how messages call it."""
    if not path.is_dir():
        raise StageError(f"there is no file or folder {path}", f"expected {FORMS}")
    found = exercism.exercises_of(path) or list(_below(path, DEEPEST))
    if not found:
        raise StageError(f"the folder {path.name} has no tasks", f"expected {FORMS}")
    return [(each, each.name if each == path else each.relative_to(path).as_posix()) for each in found]


def _below(path: Path, depth: int) -> Iterator[Path]:
    if folders.is_task(path) or exercism.is_exercise(path):
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.is_dir() and not each.is_symlink() and not each.name.startswith(".") and depth:
            yield from _below(each, depth - 1)
        elif each.is_file() and each.name.endswith((".jsonl", ".jsonl.gz")):
            yield each
