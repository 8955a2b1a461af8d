"""The TypeScript language describes: what it lays out, asks for and reads. Nothing is started here."""

from __future__ import annotations

import json

import pytest

from stagerun import Candidate, Completed, StageError, SuiteResult, Task
from stagerun_evaluators.typescript import TypeScript
from stagerun_evaluators.typescript.language import REAL_JEST, SECRET

from .hostile import RIGHT, task

CANDIDATE = Candidate(task(), RIGHT)
PASSED = {"problem": None, "tests": [["add small", None], ["add large", None]]}
NAMES = {"names": [["add small", "add large"]]}


def report(*said: tuple[str, object], code: int | None = 0, more: str = "") -> SuiteResult:
    """What the test check makes of signed lines: (`first`, ...) and (`last`, ...)."""
    check = next(check for check in TypeScript().checks(CANDIDATE) if check.name == "test")
    job = check.command.stdin
    signatures = {"first": json.loads(job[SECRET:])["first"], "last": job[:SECRET]}
    text = "".join(f"{signatures.get(who, who)} {json.dumps(what)}\n" for who, what in said) + more
    return TypeScript().parse(check, Completed(code, report=text, step=len(check.before)), CANDIDATE)


def ended(*results: object, tampered: tuple[str, ...] = ()) -> tuple[str, object]:
    return ("last", {"results": list(results), "tampered": list(tampered)})


def test_weights_add_up_to_one_and_one_server_answers_three_checks() -> None:
    checks = {check.name: check for check in TypeScript().checks(CANDIDATE)}
    assert sum(check.weight for check in checks.values()) == pytest.approx(1.0)
    assert checks["compile"].command is checks["check"].command is checks["lint"].command
    assert checks["test"].before == (checks["compile"].command,)


def test_the_candidate_s_text_goes_to_the_entry_file_and_tests_are_not_laid_out() -> None:
    assert TypeScript().layout(CANDIDATE) == {"solution.ts": RIGHT}


def test_the_task_s_files_win_over_the_candidate_s() -> None:
    given = Task(id="t", language="typescript", tests="test('a', () => {});", files={"lib/help.ts": "export {};"})
    files = {"lib/help.ts": "evil", "solution.ts": "", "solution.test.ts": "evil"}
    assert TypeScript().layout(Candidate(given, files=files)) == {"lib/help.ts": "export {};", "solution.ts": ""}


@pytest.mark.parametrize(
    "name",
    [
        "package.json", "tsconfig.json", "tsconfig.build.json", "jest.config.ts", "eslint.config.mjs", ".eslintrc.json", ".npmrc",
        ".swcrc", "babel.config.js", "node_modules/x/index.ts", "other.test.ts", "lib/a.spec.tsx", "__mocks__/solution.ts",
        "lib/__tests__/a.ts", "stagerun-run",
    ],
)  # fmt: skip
def test_configuration_and_tests_of_the_candidate_are_left_out(name: str) -> None:
    assert name not in TypeScript().layout(Candidate(task(), RIGHT, {name: "evil"}))


def test_a_task_without_tests_cannot_be_judged() -> None:
    with pytest.raises(StageError, match="has no test file"):
        TypeScript().checks(Candidate(Task(id="t", language="typescript"), RIGHT))


def test_every_run_has_secrets_of_its_own_that_are_not_on_the_command_line() -> None:
    first, second = (TypeScript().checks(CANDIDATE)[2].command for _ in range(2))
    assert first.stdin[:SECRET] != second.stdin[:SECRET]
    assert first.stdin[:SECRET] not in " ".join(first.argv)


def test_a_task_s_own_limits_are_taken() -> None:
    command = TypeScript().checks(Candidate(task(timeout=7.5, memory_mb=999), RIGHT))[2].command
    assert (command.timeout, command.memory_mb) == (7.5, 999)


def test_a_whole_report_is_believed() -> None:
    found = report(("first", NAMES), ended(PASSED))
    assert (found.passed, found.failed, found.tampered) == ({"add small", "add large"}, frozenset(), False)


def test_a_test_that_was_known_and_did_not_run_has_failed() -> None:
    found = report(("first", NAMES), ended({"problem": None, "tests": [["add small", None]]}))
    assert (found.passed, found.failed) == ({"add small"}, {"add large"})


def test_names_told_before_the_candidate_ran_fail_when_the_process_is_killed() -> None:
    found = report(("first", NAMES), code=None)
    assert (found.failed, found.tampered) == ({"add small", "add large"}, False)


def test_a_file_that_cannot_be_run_and_whose_tests_are_unknown_is_a_failed_test_itself() -> None:
    found = report(("first", {"names": [None]}), ended({"problem": "Error: no", "tests": []}))
    assert found.failed == {"solution.test.ts"}


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ((("first", NAMES),), ""),
        ((("first", NAMES), ("x", {"results": [PASSED]})), ""),
        ((("first", NAMES), ended(PASSED), ended(PASSED)), ""),
        ((ended(PASSED),), ""),
        ((("first", NAMES), ended(PASSED, tampered=("called process.exit",))), ""),
        ((("first", NAMES), ended(PASSED)), "x"),
        ((), ""),
    ],
    ids=["no end", "another secret", "two ends", "no start", "told of tampering", "more behind it", "nothing"],
)
def test_a_report_that_is_not_whole_passes_nothing_and_is_tampering(
    said: tuple[tuple[str, object], ...], more: str
) -> None:
    found = report(*said, more=more)
    assert found.passed == frozenset()
    assert found.tampered


def test_only_expected_tests_count_when_there_are_any() -> None:
    given = Candidate(Task(id="t", language="typescript", tests="x", expected=("add small", "gone")), RIGHT)
    check = TypeScript().checks(given)[2]
    job = check.command.stdin
    text = f"{json.loads(job[SECRET:])['first']} {json.dumps(NAMES)}\n{job[:SECRET]} {json.dumps(ended(PASSED)[1])}\n"
    found = TypeScript().parse(check, Completed(0, report=text, step=1), given)
    assert (found.passed, found.failed) == ({"add small"}, {"gone"})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"types": [{"line": "x", "evil": 1}]}', "null"])
def test_what_the_server_says_out_of_form_earns_nothing(text: str) -> None:
    check = TypeScript().checks(CANDIDATE)[1]
    assert not TypeScript().parse(check, Completed(0, stdout=text), CANDIDATE).built


@pytest.mark.parametrize(
    "text",
    ["test.only('a', f)", "fit('a', f)", "expect(x).toMatchSnapshot()", "jest.mock('./a')", "jest.isolateModules(f)"],
)
def test_tests_that_need_the_real_jest_get_it(text: str) -> None:
    assert REAL_JEST.search(text)
    given = Candidate(task(f"{text};"), RIGHT)
    assert "jest.js" in " ".join(TypeScript().checks(given)[2].command.argv)


@pytest.mark.parametrize(
    "text", ["test('a', f)", "jest.fn()", "jest.spyOn(a, 'b')", "jest.useFakeTimers()", "onlyOnce()"]
)
def test_ordinary_tests_take_the_quick_way(text: str) -> None:
    assert not REAL_JEST.search(text)


def test_exercism_s_skipped_tests_are_meant_to_run() -> None:
    adopted = TypeScript().adopt(task(format="exercism"))
    assert json.loads(TypeScript().checks(Candidate(adopted, RIGHT))[2].command.stdin[SECRET:])["skips"] is False


def test_a_script_of_assertions_becomes_one_test_of_what_the_candidate_defines() -> None:
    given = task(
        "declare var require: any;\nconst assert = require('node:assert');\nassert.equal(add(1, 2), 3);\n",
        format="humaneval", entry_point="add", prompt="function helper() {}\nfunction add(a: number) {",
    )  # fmt: skip
    adopted = TypeScript().adopt(given)
    assert "test('add', async () => {" in adopted.tests
    assert "import { add } from './solution'" in adopted.tests
    laid = TypeScript().layout(Candidate(adopted, "function helper() {}\nfunction add(a, b) { return a + b; }"))
    assert laid["solution.ts"].endswith("export { helper, add };\n")


def test_a_script_that_never_uses_the_entry_point_is_refused() -> None:
    with pytest.raises(StageError, match="never use"):
        TypeScript().adopt(task("assert(true);", format="humaneval", entry_point="add", prompt=""))
