"""Real candidates on the default judge: honest ones get their score, the two ways agree, no candidate meets another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import stagerun_evaluators
from stagerun import Candidate, Judgement, Task
from stagerun.tasks.solutions import Solution, read_solutions
from stagerun_evaluators.judge import Local
from stagerun_evaluators.typescript import TypeScript

from .hostile import BOTH, RIGHT, WRONG, task

Judge = Callable[..., Judgement]
TASKS = Path(stagerun_evaluators.__file__).parent / "tasks" / "typescript"
SOLUTIONS = read_solutions(TASKS)
HALF = "export function add(a: number, b: number): number { return 3 + 0 * a * b; }"


def test_a_right_solution_gets_the_full_score(judged: Judge) -> None:
    found = judged(RIGHT)
    assert (found.verdict, found.score, found.passed) == ("passed", 1.0, BOTH)


def test_a_half_right_solution_gets_half_of_the_tests(judged: Judge) -> None:
    found = judged(HALF)
    assert (found.verdict, found.passed, found.failed) == ("failed", {"add small"}, {"add large"})
    assert found.score == pytest.approx(0.05 + (0.15 + 0.7 + 0.1) / 2)


def test_a_syntax_error_earns_nothing_and_is_shown(judged: Judge) -> None:
    found = judged("export function add(a: number {")
    assert (found.verdict, found.score) == ("failed", 0.0)
    assert found.diagnostics[0].tool == "tsc"
    assert found.diagnostics[0].line == 1


def test_a_wrong_type_costs_the_check_and_not_the_tests(judged: Judge) -> None:
    found = judged(RIGHT + "\nexport const wrong: number = 'x';")
    assert (found.shares["check"], found.shares["test"], found.verdict) == (0.0, 1.0, "passed")
    assert [one.code for one in found.diagnostics] == ["TS2322"]


@pytest.mark.parametrize("comment", ["// @ts-nocheck", "// @ts-ignore"])
def test_comments_buy_neither_types_nor_style(judged: Judge, comment: str) -> None:
    found = judged(
        f"{comment}\nexport const wrong: number = 'x';\n/* eslint-disable */\nvar old = 1;\n{RIGHT}\nexport {{ old }};"
    )
    assert (found.shares["check"], found.shares["lint"]) == (0.0, 0.0)


def test_a_test_that_never_ends_fails_alone(judged: Judge) -> None:
    tests = (
        "import { add } from './solution';\njest.setTimeout(300);\n"
        "test('waits', () => new Promise(() => {}));\ntest('adds', () => { expect(add(1, 2)).toBe(3); });"
    )
    found = judged(RIGHT, tests)
    assert (found.passed, found.failed) == ({"adds"}, {"waits"})


def test_marked_tests_run_for_exercism_only(judged: Judge) -> None:
    tests = (
        "import { add } from './solution';\nxit('a', () => { expect(add(1, 2)).toBe(3); });\n"
        "test('b', () => {}); it.skip('c', () => {});"
    )
    assert judged(RIGHT, tests).passed == {"b"}
    assert judged(RIGHT, tests, skips=False).passed == {"a", "b"}


def test_a_task_of_nothing_but_skipped_tests_is_never_passed(judged: Judge) -> None:
    assert judged(RIGHT, "test.skip('a', () => {});").verdict == "failed"


def test_equal_names_are_told_apart(judged: Judge) -> None:
    tests = (
        "import { add } from './solution';\nfor (const x of [3, 4]) test('same', () => { expect(add(1, 2)).toBe(x); });"
    )
    found = judged(RIGHT, tests)
    assert (found.passed, found.failed) == ({"same"}, {"same (2)"})


def test_a_script_of_assertions_is_judged(local: Local) -> None:
    given = task(
        "declare var require: any;\nconst assert = require('node:assert');\nfunction test() { assert.deepEqual(add(1, 2), 3); }\n"
        "test();",
        format="humaneval", entry_point="add", prompt="function add(a: number, b: number): number {",
    )  # fmt: skip
    adopted = TypeScript().adopt(given)
    code = "function add(a: number, b: number): number { return a + b; }"
    right, wrong = local.judge([Candidate(adopted, code), Candidate(adopted, code.replace("+", "-"))])
    assert (right.verdict, wrong.verdict, wrong.failed) == ("passed", "failed", {"add"})


def test_tests_with_mocked_modules_go_through_the_real_jest(local: Local) -> None:
    tests = (
        "import { f } from './solution';\njest.mock('./lib', () => ({ g: () => 42 }));\n"
        "test('it', () => { expect(f()).toBe(42); });"
    )
    files = {
        "solution.ts": "import { g } from './lib';\nexport const f = (): number => g();",
        "lib.ts": "export const g = (): number => 1;",
    }
    found = local.judge([Candidate(task(tests, timeout=30.0), files=files)])[0]
    assert (found.verdict, found.passed) == ("passed", {"it"})


@pytest.fixture(scope="module")
def judgements(local: Local) -> list[Judgement]:
    """Of every solution of our tasks, by one judge, on all cores."""
    return list(local.judge([solution.candidate for solution in SOLUTIONS]))


@pytest.mark.parametrize(
    ("at", "solution"), [*enumerate(SOLUTIONS)], ids=[f"{one.candidate.task.id} {one.name}" for one in SOLUTIONS]
)
def test_every_solution_of_our_tasks_gets_the_verdict_it_says(
    judgements: list[Judgement], at: int, solution: Solution
) -> None:
    found = judgements[at]
    assert found.verdict == ("passed" if solution.good else "failed"), found.detail
    assert found.score == 1.0 or not solution.good


@pytest.mark.slow
def test_the_real_tools_say_the_same_as_the_quick_way(local: Local) -> None:
    some = [one.candidate for one in SOLUTIONS[::5]]
    some += [
        Candidate(task(timeout=30.0), code)
        for code in (RIGHT, WRONG, HALF, "export function add(", "export const add = 1 as string;")
    ]
    plain = Local(lambda _: TypeScript(plain=True), workers=2, cache=False)
    try:
        for quick, cold in zip(local.judge(some), plain.judge(some), strict=True):
            assert (quick.verdict, quick.passed, quick.shares) == (cold.verdict, cold.passed, cold.shares)
    finally:
        plain.close()


def test_there_are_twelve_tasks_at_least() -> None:
    assert len({one.candidate.task.id for one in SOLUTIONS}) >= 12
    assert all(isinstance(one.candidate.task, Task) for one in SOLUTIONS)
