"""`data.prepare` takes tasks from folders and from rows that are tasks, and training reads them back as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stagerun import DropRow, StageError
from stagerun.tasks import read_tasks
from stagerun.testing import run_stage
from stagerun.testing.stages import artifact
from stagerun_stages.data.formats import clean
from stagerun_stages.data.prepare import Prepare, Source

HUMANEVAL = {"task_id": "HumanEval/0", "prompt": "def half(x):\n", "entry_point": "half", "test": "x"}


def folder(root: Path, name: str, **files: str) -> None:
    given = {"task.toml": f'id = "python/{name}"\nlanguage = "python"\n', "statement.md": f"Write {name}.", **files}
    for path, text in {**given, "tests/test_solution.py": "def test_it(): ..."}.items():
        (root / name / path).parent.mkdir(parents=True, exist_ok=True)
        (root / name / path).write_text(text)


def rows(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.outputs["train"].local().read_text().splitlines()]


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """Two task folders."""
    for name in ("add", "subtract"):
        folder(tmp_path / "tasks", name)
    return tmp_path / "tasks"


def prepared(tmp_path: Path, path: Path) -> list[dict[str, Any]]:
    return rows(run_stage(Prepare(format="tasks", sources=(Source(path=str(path)),), validation=0), tmp_path / "run"))


def test_folders_of_tasks_are_rows_with_the_statement_as_the_question(tmp_path: Path, tasks: Path) -> None:
    found = sorted(prepared(tmp_path, tasks), key=lambda row: row["task"]["id"])
    assert [row["messages"] for row in found] == [
        [{"role": "user", "content": f"Write {name}."}] for name in ("add", "subtract")
    ]
    assert found[0]["task"]["files"] == {"test_solution.py": "def test_it(): ..."}


def test_folders_may_come_from_an_earlier_stage(tmp_path: Path, tasks: Path) -> None:
    stage, many = Prepare(format="tasks", validation=0), {"sources": (artifact("dataset", tasks),)}
    assert len(rows(run_stage(stage, tmp_path / "run", many=many))) == 2


def test_what_is_written_is_read_back_as_the_same_tasks(tmp_path: Path, tasks: Path) -> None:
    prepared(tmp_path, tasks)
    back = {task.id: task for task in read_tasks(tmp_path / "run/final/train.jsonl")}
    assert back == {task.id: task for task in read_tasks(tasks)}


def test_a_malformed_folder_is_told_with_its_name(tmp_path: Path, tasks: Path) -> None:
    folder(tasks, "broken", **{"task.toml": "id ="})
    with pytest.raises(StageError, match="broken/task.toml is not TOML"):
        prepared(tmp_path, tasks)


def test_a_row_that_is_a_task_is_asked_for_by_its_statement() -> None:
    row = clean({"id": "a", "language": "rust", "statement": "Add.", "tests": "x"}, "tasks")
    assert row["messages"] == [{"role": "user", "content": "Add."}]
    assert (row["task"]["id"], row["task"]["language"]) == ("a", "rust")


def test_a_humaneval_row_is_asked_for_by_its_prompt_and_keeps_what_its_language_needs() -> None:
    row = clean(dict(HUMANEVAL), "tasks")
    assert row["messages"][0]["content"] == "def half(x):\n"
    assert row["task"]["meta"]["format"] == "humaneval"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "a", "statement": "Add.", "tests": "x"}, "a task without language"),
        ({"id": "a", "language": "rust", "statement": "Add.", "tests": ["x"]}, "a task that cannot be read"),
    ],
)
def test_a_row_that_is_a_broken_task_is_dropped_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(DropRow) as refused:
        clean(row, "tasks")
    assert str(refused.value) == reason
