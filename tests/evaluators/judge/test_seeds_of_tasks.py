"""Seeds that only some tasks need: built with the first that does, and never for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen

from stagerun import Candidate, Check, Command, Completed, Seed, StageError, SuiteResult, Task, Tool
from stagerun_evaluators.judge import Local


@frozen
class Needy:
    """A language whose tasks say in `tests` which seed they need; one called `bad` cannot be built."""

    name: str = "needy"
    suffixes: tuple[str, ...] = ()
    scoring: str = "1"

    def tools(self) -> Sequence[Tool]:
        return [
            Tool("sh", Command(("sh", "-c", "echo 1"))),
            Tool("check", Command(("false",)), optional=True),
            Tool("more", Command(("false",)), optional=True, lack="some tasks are refused"),
        ]

    def seeds_of(self, task: Task) -> Sequence[Seed]:
        return (
            [Seed(task.tests, Command(("sh", "-c", f"test {task.tests} != bad && echo seeded > made")))]
            if task.tests
            else []
        )

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        return {}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        seed = candidate.task.tests
        command = Command(("cat", f"{{seed:{seed}}}/made")) if seed else Command(("echo", "none"))
        return [Check("test", 1.0, command)]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        return SuiteResult(passed=frozenset({done.stdout.strip()}))


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path / "cache"))
    return []


def task(seed: str) -> Candidate:
    return Candidate(Task(id=f"needs {seed}", language="needy", tests=seed), "code")


def judge(said: list[str]) -> Local:
    return Local(lambda _: Needy(), workers=1, cache=False, say=said.append)


def test_a_seed_of_a_task_is_built_with_the_first_that_needs_it(said: list[str]) -> None:
    found = judge(said)
    assert [one.passed for one in found.judge([task("")])] == [{"none"}]
    assert said == []
    assert [one.passed for one in found.judge([task("a"), task("b"), task("a")])] == [{"seeded"}] * 3
    assert [line.split()[1] for line in said] == ["a", "b"]
    found.close()


def test_tasks_whose_seed_cannot_be_built_are_refused_and_it_is_tried_once(said: list[str]) -> None:
    found = judge(said)
    refused = found.refusals([task(seed).task for seed in ("bad", "a")] + [Task("other", "needy", tests="bad")])
    assert set(refused) == {"needs bad", "other"}
    assert [line.split()[1] for line in said] == ["bad", "a"]
    with pytest.raises(StageError, match="its seed bad could not be built"):
        found.judge([task("bad")])
    found.close()


def test_an_optional_tool_that_costs_no_check_is_not_said_to_cost_one(said: list[str]) -> None:
    found = judge(said)
    assert found.missing("needy") == ("check",)
    found.close()
