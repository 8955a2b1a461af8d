"""Our own form of a task: a folder with `task.toml`, `statement.md`, `tests/`, and what is known to be right and wrong.

NAME/task.toml       id, language; optional entry, expected, [meta], and [wrong]: solution -> why it is wrong
NAME/statement.md    what is asked
NAME/tests/          laid before the tests run, by their path below this folder
NAME/files/          optional: laid as they are
NAME/repo/           optional: what a patch starts from
NAME/good/, wrong/   solutions: a file, a folder of files, or NAME.patch
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from stagerun.contracts.task import Task
from stagerun.errors import StageError
from stagerun.tasks.files import read_text, read_tree
from stagerun.tasks.rows import only, task_of

TASK = "task.toml"
KEYS = ("id", "language", "entry", "expected", "meta", "wrong")


def is_task(folder: Path) -> bool:
    """Whether a folder is a task."""
    return (folder / TASK).is_file()


def read_task(folder: Path, name: str, language: str = "") -> Task:
    """The task of a folder; raises StageError."""
    head = {key: value for key, value in read_head(folder, name).items() if key != "wrong"}
    tests, files = (read_tree(folder / part, f"{name}/{part}") for part in ("tests", "files"))
    if not tests:
        raise StageError(f"{name} has no tests", "put the test files below tests/")
    if both := sorted(tests.keys() & files.keys()):
        raise StageError(f"{name} has {both[0]} below tests/ and below files/", "keep one of them")
    row = {
        **head,
        "statement": read_text(folder / "statement.md", f"{name}/statement.md"),
        "files": {**files, **tests},
        "repo": read_tree(folder / "repo", f"{name}/repo"),
    }
    return task_of(row, f"{name}/{TASK}", language)


def read_head(folder: Path, name: str) -> dict[str, Any]:
    """What `task.toml` says; raises StageError for text that is not TOML, and for a key that is none of ours."""
    place = f"{name}/{TASK}"
    try:
        head = tomllib.loads(read_text(folder / TASK, place))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise StageError(
            f"{place} is not TOML: {error}", 'expected id = "LANGUAGE/NAME" and language = "LANGUAGE"'
        ) from None
    only(head, KEYS, place)
    return head
