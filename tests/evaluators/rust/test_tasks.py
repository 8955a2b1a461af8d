"""Our own tasks in Rust: right solutions get everything, wrong ones fail, and both ways say the same of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import stagerun_evaluators
from stagerun import Candidate, Judgement
from stagerun.tasks import read_tasks
from stagerun_evaluators.judge import Local

TASKS = Path(stagerun_evaluators.__file__).parent / "tasks" / "rust"
NAMES = sorted(path.name for path in TASKS.iterdir())


def candidates(name: str, kind: str) -> Iterator[Candidate]:
    """The solutions of one kind."""
    (given,) = read_tasks(TASKS / name)
    for path in sorted((TASKS / name / kind).iterdir()):
        if path.is_dir():
            files = {str(each.relative_to(path)): each.read_text() for each in path.rglob("*") if each.is_file()}
            yield Candidate(given, files=files)
        elif path.suffix == ".patch":
            yield Candidate(given, patch=path.read_text())
        else:
            yield Candidate(given, path.read_text())


def told(found: Judgement) -> tuple[object, ...]:
    return found.verdict, found.score, found.passed, found.failed


def test_there_are_at_least_twelve() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_right_solutions_get_everything(local: Local, name: str) -> None:
    found = local.judge(list(candidates(name, "good")))
    assert len(found) >= 2
    assert [(each.verdict, each.score) for each in found] == [("passed", 1.0)] * len(found), found


@pytest.mark.parametrize("name", NAMES)
def test_wrong_solutions_fail_and_are_not_called_cheats(local: Local, name: str) -> None:
    found = local.judge(list(candidates(name, "wrong")))
    assert len(found) >= 2
    assert {each.verdict for each in found} <= {"failed", "timeout"}, found


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_solution_has_its_reason(name: str) -> None:
    reasons = tomllib.loads((TASKS / name / "task.toml").read_text())["wrong"]
    assert set(reasons) == {path.name for path in (TASKS / name / "wrong").iterdir()}


@pytest.mark.parametrize("name", ["bank", "calculator", "inventory"])
def test_cargo_says_the_same(local: Local, plain: Local, name: str) -> None:
    every = [*candidates(name, "good"), *candidates(name, "wrong")]
    assert [told(each) for each in local.judge(every)] == [told(each) for each in plain.judge(every)]
