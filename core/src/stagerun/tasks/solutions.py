"""Solutions that come with a task: those known to be right, and those known to be wrong with the reason.

From our own folders (`good/`, `wrong/`), from Exercism's examples, and from HumanEval's canonical solutions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun.contracts.task import Candidate, Task
from stagerun.errors import StageError
from stagerun.tasks import exercism, folders
from stagerun.tasks.files import read_text, read_tree
from stagerun.tasks.humaneval import continued, is_humaneval
from stagerun.tasks.json_lines import json_lines
from stagerun.tasks.reading import places_of, task_of_row
from stagerun.tasks.rows import kind


@frozen
class Solution:
    """A candidate with its name, such as `wrong/off_by_one.py`, and why it is wrong; empty for one that is right."""

    name: str
    candidate: Candidate
    wrong: str = ""

    @property
    def good(self) -> bool:
        """Whether it solves its task."""
        return not self.wrong


def read_solutions(path: Path | str, language: str = "") -> list[Solution]:
    """Every solution that comes with the tasks at `path` (see read_tasks), good ones first within a task; raises StageError."""
    path = Path(path)
    if path.is_file():
        return list(_canonical(path, language))
    return [found for folder, name in places_of(path) for found in _of_folder(folder, name, language)]


def _canonical(path: Path, language: str) -> Iterator[Solution]:
    for place, row in json_lines(path, path.name):
        if is_humaneval(row) and isinstance(row.get("canonical_solution"), str):
            task = task_of_row(row, place, language)
            yield Solution(f"{task.id} canonical", Candidate(task, continued(task, row["canonical_solution"])))


def _of_folder(folder: Path, name: str, language: str) -> Iterator[Solution]:
    if folders.is_task(folder):
        task, reasons = folders.read_task(folder, name, language), _reasons(folder, name)
        yield from (Solution(part, each) for part, each in _candidates(folder, name, task, "good"))
        for part, candidate in _candidates(folder, name, task, "wrong"):
            yield Solution(part, candidate, reasons[part.partition("/")[2]])
        return
    task, example = exercism.read_exercise(folder, name, language), exercism.example_of(folder, name)
    if example:
        yield Solution("example", candidate_of(task, example))


def candidate_of(task: Task, files: Mapping[str, str]) -> Candidate:
    """A candidate of files; of the entry file alone, one of code."""
    return Candidate(task, code=files[task.entry]) if set(files) == {task.entry} else Candidate(task, files=dict(files))


def _candidates(folder: Path, name: str, task: Task, part: str) -> Iterator[tuple[str, Candidate]]:
    if not (folder / part).is_dir():
        return
    for path in sorted((folder / part).iterdir()):
        shown = f"{name}/{part}/{path.name}"
        if path.name == "__pycache__":
            continue
        if path.is_dir() and not path.is_symlink():
            yield f"{part}/{path.name}", Candidate(task, files=read_tree(path, shown))
        elif path.suffix == ".patch":
            yield f"{part}/{path.name}", Candidate(task, patch=read_text(path, shown))
        else:
            yield f"{part}/{path.name}", Candidate(task, code=read_text(path, shown))


def _reasons(folder: Path, name: str) -> dict[str, str]:
    """The `[wrong]` table, by whole file name; it must tell of each solution below `wrong/` and of nothing else."""
    reasons: Any = folders.read_head(folder, name).get("wrong", {})
    place = f"{name}/{folders.TASK}"
    if not isinstance(reasons, dict) or not all(isinstance(why, str) and why for why in reasons.values()):
        raise StageError(f"{place}: wrong is {kind(reasons)}", 'expected [wrong] with "FILE" = "why it is wrong"')
    there = {path.name: path.stem for path in (folder / "wrong").glob("*") if path.name != "__pycache__"}
    told = {name: name if name in reasons else stem for name, stem in there.items()}  # the ending may be left out
    silent = sorted(name for name, key in told.items() if key not in reasons)
    stray = sorted(reasons.keys() - set(told.values()))
    if silent or stray:
        what = (
            f"does not say why wrong/{silent[0]} is wrong"
            if silent
            else f"tells of wrong/{stray[0]}, which is not there"
        )
        raise StageError(f"{place} {what}", 'expected [wrong] with "FILE" = "why it is wrong"')
    return {name: reasons[key] for name, key in told.items()}
