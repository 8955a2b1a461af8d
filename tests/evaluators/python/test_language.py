"""The Python language describes: what it lays out, asks for and reads. Nothing is started here."""

from __future__ import annotations

import json

import attrs
import pytest

from stagerun import Candidate, Completed, StageError, SuiteResult, Task
from stagerun_evaluators.python import Python

from .attacks import task

CANDIDATE = Candidate(task(), "def add(a, b): return a + b")


def report(*lines: str, nonce: str = "") -> tuple[SuiteResult, SuiteResult]:
    """What compiling and testing make of a report; NAMES stands for a line per test, the canary's failure included."""
    compiling, testing = Python().checks(CANDIDATE)[:2]
    job = json.loads(testing.command.stdin)
    every = [f'failed ["{job["canary"]}", "AssertionError"]', 'passed "test_small"', 'passed "test_large"']
    said = [line for entry in lines for line in (every if entry == "NAMES" else [entry])]
    done = Completed(returncode=0, report="".join(f"{nonce or job['nonce']} {line}\n" for line in said))
    return Python().parse(compiling, done, CANDIDATE), Python().parse(testing, done, CANDIDATE)


def test_the_candidate_s_text_goes_to_the_entry_file() -> None:
    assert Python().layout(CANDIDATE) == {"solution.py": CANDIDATE.code}
    elsewhere = Candidate(Task(id="t", language="python", entry="pkg/main.py", tests="def test_a(): pass"), "x = 1")
    assert Python().layout(elsewhere) == {"pkg/main.py": "x = 1"}


def test_the_task_s_files_win_over_the_candidate_s() -> None:
    given = attrs.evolve(task(), files={"data.json": "[]"})
    assert Python().layout(Candidate(given, files={"data.json": "evil", "solution.py": ""}))["data.json"] == "[]"


def test_neither_tests_nor_conftests_are_laid_out() -> None:
    given = attrs.evolve(
        task(), files={"tests/test_a.py": "def test_a(): pass", "tests/conftest.py": "", "tests/help.py": ""}
    )
    files = {"solution.py": "", "conftest.py": "evil", "tests/test_a.py": "evil"}
    assert set(Python().layout(Candidate(given, files=files))) == {"solution.py", "tests/help.py"}


def test_weights_add_up_to_one_and_compiling_and_testing_share_a_command() -> None:
    checks = Python().checks(CANDIDATE)
    assert [check.name for check in checks] == ["compile", "test", "check", "lint"]
    assert sum(check.weight for check in checks) == pytest.approx(1.0)
    assert checks[0].command is checks[1].command


def test_a_task_may_leave_checks_out_and_the_others_weigh_more() -> None:
    checks = Python().checks(Candidate(task(checks=["test", "compile"]), "x = 1"))
    assert {check.name: check.weight for check in checks} == pytest.approx({"compile": 0.125, "test": 0.875})


@pytest.mark.parametrize(
    ("checks", "says"), [(["test", "colour"], "there is no check 'colour'"), (["lint"], "leave out the tests")]
)
def test_checks_that_are_not_known_or_without_tests_are_an_error(checks: list[str], says: str) -> None:
    with pytest.raises(StageError, match=says):
        Python().checks(Candidate(task(checks=checks), "x = 1"))


def test_every_run_has_a_nonce_and_a_canary_of_its_own() -> None:
    first, second = (json.loads(Python().checks(CANDIDATE)[0].command.stdin) for _ in range(2))
    assert first["nonce"] != second["nonce"]
    assert first["canary"] != second["canary"]


def test_the_nonce_is_not_on_the_command_line() -> None:
    command = Python().checks(CANDIDATE)[0].command
    assert json.loads(command.stdin)["nonce"] not in " ".join(command.argv)


def test_a_task_s_own_limits_are_taken() -> None:
    command = Python().checks(Candidate(task(timeout=7.5, memory_mb=99)))[0].command
    assert (command.timeout, command.memory_mb) == (7.5, 99)


@pytest.mark.parametrize(
    ("tests", "expected", "says"),
    [
        ("", (), "task t has no test"),
        ("def helper(): pass", (), "task t has no test"),
        ("def test_a(: pass", (), "its tests are not Python"),
        ("def test_a(): pass", ("test_b",), "expected test test_b is not in its tests"),
    ],
)
def test_a_task_that_cannot_be_judged_is_named(tests: str, expected: tuple[str, ...], says: str) -> None:
    bad = Task(id="t", language="python", tests=tests, expected=expected)
    with pytest.raises(StageError, match=says):
        Python().checks(Candidate(bad))


def test_a_whole_report_is_believed() -> None:
    compiling, testing = report("built", "NAMES", "end")
    assert compiling.built
    assert testing.passed == {"test_small", "test_large"}
    assert not testing.tampered


@pytest.mark.parametrize(
    "lines",
    [
        ("built", "NAMES", 'passed "test_small"', "end"),
        ("built", 'passed "test_small"', 'passed "test_large"', "end"),
        ("built", "end"),
        ("built", "NAMES", "tampered replaced builtins.abs", "end"),
        ("built", "NAMES"),
        ("built", "NAMES", "end", "end"),
        (),
    ],
    ids=["a test twice", "no canary", "no test", "told of tampering", "no end", "two ends", "nothing"],
)
def test_a_report_that_does_not_add_up_passes_nothing_and_is_tampering(lines: tuple[str, ...]) -> None:
    _, testing = report(*lines)
    assert testing.tampered
    assert testing.passed == frozenset()


def test_a_report_under_another_nonce_is_tampering() -> None:
    assert report("built", "NAMES", "end", nonce="0" * 32)[1].tampered


def test_tests_that_could_not_run_failed_without_being_called_a_cheat() -> None:
    _, testing = report("built", "error at import: ValueError", "unrun ValueError", "end")
    assert (testing.failed, testing.tampered) == ({"test_small", "test_large"}, False)


def test_a_process_that_was_killed_failed_its_tests_without_being_called_a_cheat() -> None:
    check = Python().checks(CANDIDATE)[1]
    found = Python().parse(check, Completed(returncode=-11), CANDIDATE)
    assert found.failed == {"test_small", "test_large"}
    assert not found.tampered


def test_the_canary_is_not_among_the_results() -> None:
    _, testing = report("built", "NAMES", "end")
    assert testing.passed | testing.failed == {"test_small", "test_large"}
    assert testing.diagnostics == ()


def test_only_what_a_patch_changed_is_linted() -> None:
    given = attrs.evolve(task(), repo={"old.py": "import os\n", "solution.py": "x = 1\n"})
    check = Python().checks(Candidate(given, files={"old.py": "import os\n", "solution.py": "x = 2\n"}))[3]
    assert set(json.loads(check.command.stdin)["files"]) == {"solution.py"}


def test_a_humaneval_row_becomes_tests_that_call_check() -> None:
    meta = {
        "format": "humaneval",
        "prompt": "def one():\n    return 1\n\ndef f(x):\n    '''Add.'''\n",
        "entry_point": "f",
    }
    row = Task(
        id="h", language="python", meta=meta | {"test": "def check(candidate):\n    assert candidate(1) == one() + 1\n"}
    )
    made = Python().adopt(row)
    assert "def test_f():\n    check(f)" in made.tests
    assert "def one()" in made.tests
    assert "Add." not in made.tests


def test_a_humaneval_row_that_lacks_something_is_an_error() -> None:
    with pytest.raises(StageError, match="without 'test'"):
        Python().adopt(Task(id="h", language="python", meta={"format": "humaneval", "prompt": ""}))
