"""Go describes: what it lays out, asks for and reads. Nothing is started here."""

from __future__ import annotations

import attrs
import pytest

from stagerun import Candidate, Check, Completed, StageError, SuiteResult, Task
from stagerun_lang_go import Go
from stagerun_lang_go.report import WORD
from stagerun_lang_go.toolchain import Toolchain

from .conftest import RIGHT, TESTS, task

GO = Go(toolchain=Toolchain(root="/go", tools="/go/tools", minor=26))
LINTED = attrs.evolve(GO, toolchain=attrs.evolve(GO.toolchain, lint="2.12.0", linter="/bin/golangci-lint"))
CANDIDATE = Candidate(task(), RIGHT)


def check(name: str, candidate: Candidate = CANDIDATE, go: Go = GO) -> Check:
    """The check of a name."""
    return next(each for each in go.checks(candidate) if each.name == name)


def outcome(places: list[int], candidate: Candidate = CANDIDATE, returncode: int = 1) -> SuiteResult:
    """What the test check makes of a report of these words, by their place after the key."""
    asked = check("test", candidate)
    words = asked.command.stdin
    report = "".join(words[(1 + place) * WORD : (2 + place) * WORD] + "\n" for place in places)
    return GO.parse(asked, Completed(returncode, report=report, step=len(asked.before)), candidate)


def laid(candidate: Candidate) -> set[str]:
    """Paths that are laid first."""
    return set(GO.layout(candidate))


def test_the_candidate_s_text_goes_to_the_entry_file_beside_a_go_mod() -> None:
    assert GO.layout(CANDIDATE) == {"solution.go": RIGHT, "go.mod": "module solution\n\ngo 1.26\n"}


def test_a_text_without_a_package_gets_that_of_the_tests_and_keeps_its_lines() -> None:
    assert GO.layout(Candidate(task(), "func Add() {}"))["solution.go"] == "package solution; func Add() {}"


def test_a_program_without_main_gets_one() -> None:
    tests = TESTS.replace("package solution", "package main")
    assert "stagerun_main.go" in laid(Candidate(task(tests), "package main\n\nfunc Add() {}\n"))
    assert "stagerun_main.go" not in laid(Candidate(task(tests), "package main\n\nfunc main() {}\n"))


@pytest.mark.parametrize(
    "path",
    [
        "x_test.go",
        "go.mod",
        "go.work",
        "sub/go.mod",
        "vendor/a/a.go",
        ".golangci.yml",
        "a.s",
        "a.c",
        "a.syso",
        ".stagerun/x",
    ],
)
def test_files_that_steer_the_toolchain_or_are_no_go_are_left_out(path: str) -> None:
    found = GO.layout(Candidate(task(), files={"solution.go": RIGHT, path: "evil"}))
    assert "evil" not in found.values()


def test_the_task_s_files_win_and_its_tests_are_not_laid_first() -> None:
    given = Task(id="t", language="go", files={"data.txt": "task", "solution_test.go": TESTS})
    found = GO.layout(Candidate(given, files={"data.txt": "evil", "solution.go": RIGHT}))
    assert found["data.txt"] == "task"
    assert "solution_test.go" not in found


def test_tests_of_the_repository_are_laid_as_they_were() -> None:
    given = Task(id="t", language="go", repo={"a_test.go": TESTS, "a.go": "package solution"})
    asked = check("test", Candidate(given, files={"a_test.go": "evil", "a.go": RIGHT}))
    files = {name: text for command in asked.before for name, text in command.files.items()}
    assert files["a_test.go"] == TESTS


def test_weights_add_up_with_and_without_golangci_lint() -> None:
    for go in (GO, LINTED):
        assert sum(each.weight for each in go.checks(CANDIDATE)) == pytest.approx(1.0)


def test_a_missing_golangci_lint_shows_in_the_version_of_the_scores() -> None:
    assert (LINTED.scoring, GO.scoring) == ("go-1", "go-1-nolint")
    assert [each.name for each in LINTED.checks(CANDIDATE)] == ["compile", "vet", "lint", "test"]
    assert [tool.name for tool in GO.tools() if tool.optional] == ["golangci-lint"]


def test_only_compiling_and_testing_are_required() -> None:
    assert {each.name for each in LINTED.checks(CANDIDATE) if each.required} == {"compile", "test"}


def test_every_run_has_secrets_of_its_own_that_are_in_no_file_and_on_no_command_line() -> None:
    first, second = check("test"), check("test")
    assert first.command.stdin != second.command.stdin
    told = [word for command in first.before for word in (*command.argv, *command.files.values())]
    words = [first.command.stdin[at : at + WORD] for at in range(WORD, len(first.command.stdin), WORD)]
    assert not [word for word in words if any(word in text for text in told)]


def test_tests_are_laid_after_the_candidate_was_compiled() -> None:
    compiled = check("compile")
    asked = check("test")
    assert asked.before[0] == compiled.command
    assert not compiled.command.files
    assert "solution_test.go" in asked.before[1].files


def test_a_task_s_own_limits_are_taken() -> None:
    command = check("test", Candidate(task(meta={"timeout": 7.5, "memory_mb": 99}), RIGHT)).command
    assert (command.timeout, command.memory_mb) == (7.5, 99)


def test_packages_are_compiled_after_those_they_import() -> None:
    files = {"a.go": 'package solution\nimport "solution/z"\n', "z/z.go": "package z\n"}
    asked = check("compile", Candidate(task(), files=files))
    assert [command.argv[command.argv.index("-p") + 1] for command in (*asked.before, asked.command)] == [
        "solution/z",
        "solution",
    ]


def test_packages_that_import_each_other_do_not_compile() -> None:
    files = {"a.go": 'package solution\nimport "solution/z"\n', "z/z.go": 'package z\nimport "solution"\n'}
    asked = check("compile", Candidate(task(), files=files))
    assert "import cycle" in asked.command.argv[-1]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Task(id="t", language="go"), "task t has no test"),
        (task("package solution\n\nfunc helper() {}\n"), "task add has no test"),
        (task("package solution\n`"), "its test file solution_test.go is not Go"),
        (task(expected=("TestNone",)), "expected test TestNone is not in its tests; found TestSmall, TestLarge"),
        (task(TESTS + '\nimport "github.com/a/b"\n'), "task add needs the module github.com/a/b"),
        (task(files={"go.mod": "module solution\n\ngo 1.99\n"}), "its go.mod wants Go 1.99, found Go 1.26"),
        (task(files={"go.mod": "go 1.20\n"}), "its go.mod names no module"),
    ],
)
def test_a_task_that_cannot_be_judged_is_named(given: Task, says: str) -> None:
    with pytest.raises(StageError, match=says):
        GO.checks(Candidate(given, RIGHT))


def test_only_expected_tests_count() -> None:
    candidate = Candidate(task(expected=("TestLarge",)), RIGHT)
    assert outcome([1, 3, 7], candidate).passed == {"TestLarge"}


def test_a_whole_report_is_believed() -> None:
    found = outcome([1, 3, 6, 10])
    assert (found.passed, found.failed, found.tampered) == ({"TestSmall", "TestLarge"}, frozenset(), False)


def test_after_a_crash_what_was_reported_counts_and_the_rest_failed() -> None:
    found = outcome([1, 3], returncode=2)
    assert (found.passed, found.failed, found.tampered) == ({"TestSmall"}, {"TestLarge"}, False)


def test_leaving_with_success_before_the_end_is_tampering() -> None:
    assert outcome([1, 3], returncode=0).tampered


def test_without_the_first_canary_nothing_passed() -> None:
    assert outcome([3, 6], returncode=2).passed == frozenset()


def test_a_skipped_test_failed_and_is_told() -> None:
    found = outcome([1, 5, 6, 10])
    assert (found.passed, found.failed) == ({"TestLarge"}, {"TestSmall"})
    assert [each.message for each in found.diagnostics] == ["TestSmall was skipped"]


@pytest.mark.parametrize(
    "code",
    [
        'import "unsafe"\n',
        'import "C"\n',
        'import u "stagerun_harness"\n',
        'import "testing/internal/testdeps"\n',
        'import "syscall"\nvar f = syscall.RawSyscall6\n',
        'import . "syscall"\n',
        "//go:linkname a b.c\n",
        "const true = false\n",
    ],
)
def test_what_reaches_for_other_people_s_memory_is_refused_with_its_line(code: str) -> None:
    tests = TESTS.replace("Add(1, 2) != 3", "true")
    candidate = Candidate(task(tests), f"package solution\n{code}")
    for name in ("compile", "vet", "test"):
        found = GO.parse(check(name, candidate), Completed(0, stdout="{}", step=9), candidate)
        assert not found.built
        assert "not allowed in a candidate" in found.diagnostics[0].message


def test_a_task_may_allow_unsafe() -> None:
    candidate = Candidate(task(meta={"unsafe": True}), 'package solution\nimport "unsafe"\n')
    assert GO.parse(check("compile", candidate), Completed(0), candidate).built


def test_the_task_s_own_code_may_do_what_a_candidate_may_not() -> None:
    repo = {"low.go": 'package solution\nimport "unsafe"\nvar size = unsafe.Sizeof(0)\n'}
    candidate = Candidate(task(repo=repo), files={**repo, "solution.go": RIGHT})
    assert GO.parse(check("compile", candidate), Completed(0), candidate).built


def test_what_needs_the_go_command_is_left_to_it_and_that_is_told() -> None:
    candidate = Candidate(task(), files={"solution.go": RIGHT, "x_windows.go": "package solution\n"})
    assert "build" in check("compile", candidate).command.argv
    found = GO.parse(check("test", candidate), Completed(1, step=99), candidate)
    assert found.diagnostics[-1].message == "built by the go command: x_windows.go is built under conditions"


def test_names_that_stand_in_two_folders_have_their_folder_in_front() -> None:
    given = Task(
        id="t", language="go", files={"a_test.go": TESTS, "b/b_test.go": TESTS.replace("TestLarge", "TestOther")}
    )
    found = GO.parse(check("test", Candidate(given, RIGHT)), Completed(1), Candidate(given, RIGHT))
    assert found.failed == {"./TestSmall", "TestLarge"}


@pytest.mark.parametrize(
    ("files", "special"),
    [
        ({"a.go": 'package solution\nimport "solution/internal/x"', "internal/x/x.go": "package x"}, False),
        ({"a.go": 'package solution\nimport "solution/b/internal/x"', "b/internal/x/x.go": "package x"}, True),
        ({"b/b.go": 'package b\nimport "solution/b/internal/x"', "b/internal/x/x.go": "package x"}, False),
        ({"a.go": 'package solution\nimport "solution/cmd"', "cmd/cmd.go": "package main"}, True),
    ],
)
def test_imports_that_go_refuses_and_the_compiler_does_not_are_left_to_go(files: dict[str, str], special: bool) -> None:
    asked = check("compile", Candidate(task(), files=files))
    assert ("build" in asked.command.argv) is special


def test_what_vet_finds_earns_nothing_and_is_no_failed_test() -> None:
    said = '{"solution": {"printf": [{"posn": "solution.go:3:2", "message": "wrong verb"}]}}'
    asked = check("vet")
    found = GO.parse(asked, Completed(0, stdout=said, step=len(asked.before)), CANDIDATE)
    assert (found.built, found.failed, found.diagnostics[0].code) == (False, frozenset(), "printf")
    assert GO.parse(asked, Completed(0, stdout="{}\n", step=len(asked.before)), CANDIDATE).built
