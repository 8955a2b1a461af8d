"""Saved solutions: JSON Lines of what a model answered, several to a task.

    {"task_id": "python/sum", "sample": 0, "code": "def add(a, b): ..."}

In place of `code` stands `files` (texts by path), `patch` (a unified diff), or `completion`, which continues the prompt of a
HumanEval task. What is binary or leads outside is no error here: it is a wrong answer, and the judge says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun.contracts.task import Candidate, Task
from stagerun.errors import StageError, nearest
from stagerun.tasks.humaneval import FORMAT, continued
from stagerun.tasks.json_lines import json_lines
from stagerun.tasks.rows import kind

FORMS = ("code", "completion", "files", "patch")


@frozen
class Sample:
    """One answer to one task. `sample` counts the answers to a task from 0."""

    task_id: str
    sample: int
    candidate: Candidate


def read_samples(path: Path | str, tasks: Mapping[str, Task]) -> Iterator[Sample]:
    """Samples of a file or of all `.jsonl` files of a folder, in order; `tasks` by their id. Raises StageError."""
    counts: dict[str, int] = {}
    seen: dict[tuple[str, int], str] = {}
    for place, row in _rows(Path(path)):
        task = _task(row, place, tasks)
        number = row.get("sample", counts.get(task.id, 0))
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise StageError(f"{place}: sample is {kind(number)}", "expected a number from 0")
        if first := seen.get((task.id, number)):
            raise StageError(
                f"{place}: sample {number} of {task.id} is also in {first}", "number the samples of a task"
            )
        seen[task.id, number] = place
        counts[task.id] = number + 1
        yield Sample(task.id, number, candidate(row, place, task))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        yield from json_lines(file, file.name)


def _task(row: Mapping[str, Any], place: str, tasks: Mapping[str, Task]) -> Task:
    name = row.get("task_id")
    if not isinstance(name, str):
        raise StageError(f"{place} has no task_id", 'a solution is {"task_id": ..., "code": ...}')
    if name not in tasks:
        hint = nearest(name, tasks) or "give the tasks that these solutions are for"
        raise StageError(f'{place}: there is no task "{name}"', hint)
    return tasks[name]


def candidate(row: Mapping[str, Any], place: str, task: Task) -> Candidate:
    """The candidate of a row; raises StageError for one with no form of solution, or with two."""
    given = [form for form in FORMS if form in row]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise StageError(f"{place} has {found}", f"expected one of {', '.join(FORMS)}")
    form, value = given[0], row[given[0]]
    if form == "files":
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            raise StageError(f"{place}: files is {kind(value)}", "expected texts by relative path")
        return Candidate(task, files=dict(value))
    if not isinstance(value, str):
        raise StageError(f"{place}: {form} is {kind(value)}", "expected a text")
    if form == "patch":
        return Candidate(task, patch=value)
    return Candidate(task, code=program(task, value) if form == "completion" else value)


def program(task: Task, completion: str) -> str:
    """What a completion makes: of a HumanEval task the prompt goes before it, of any other it is the whole."""
    return continued(task, completion) if task.meta.get("format") == FORMAT else completion
