"""The tasks that are shipped: enough of them in every language, each with right and wrong solutions and with reasons."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stagerun.tasks import read_solutions, read_tasks

ROOT = Path(__file__).parents[3]
SETS = [*sorted(ROOT.glob("evaluators/src/stagerun_evaluators/tasks/*/")), *sorted(ROOT.glob("plugins/*/src/*/tasks/"))]


def test_several_languages_have_tasks() -> None:
    assert len(SETS) >= 4


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.relative_to(ROOT).parts[-2] + "/" + folder.name)
def test_a_language_has_a_dozen_tasks_with_two_right_and_two_wrong_solutions_each(folder: Path) -> None:
    tasks = read_tasks(folder)
    solutions = read_solutions(folder)
    good = Counter(each.candidate.task.id for each in solutions if each.good)
    wrong = Counter(each.candidate.task.id for each in solutions if not each.good)
    assert len(tasks) >= 12
    assert len({task.language for task in tasks}) == 1
    assert all(good[task.id] >= 2 and wrong[task.id] >= 2 for task in tasks)
    assert all(task.id.startswith(f"{task.language}/") and len(task.statement) > 100 for task in tasks)
    assert any(task.repo for task in tasks)
