"""Output of Go's tools becomes diagnostics, and hostile output becomes nothing worse."""

from __future__ import annotations

import json

import pytest

from stagerun import Completed, Diagnostic
from stagerun_lang_go import lint, said
from stagerun_lang_go.toolchain import Toolchain, found

LINT = {
    "Issues": [
        {
            "FromLinter": "errcheck",
            "Text": "Error return value is not checked",
            "Severity": "",
            "SourceLines": ["\tf()"],
            "Pos": {"Filename": "solution.go", "Offset": 30, "Line": 4, "Column": 3},
            "ExpectNoLint": False,
            "ExpectedNoLintLinter": "",
        },
        {"FromLinter": "revive", "Text": "exported", "Severity": "info", "Pos": {"Filename": "a.go", "Line": 1}},
    ],
    "Report": {"Linters": [{"Name": "errcheck", "Enabled": True}]},
}


def test_compiler_errors_have_their_places() -> None:
    text = "# solution\n./solution.go:3:9: undefined: x\n./sub/b.go:10:2: declared and not used: y\ntoo many errors\n"
    assert said.compiled(text, "go build") == (
        Diagnostic("solution.go", 3, "undefined: x", tool="go build"),
        Diagnostic("sub/b.go", 10, "declared and not used: y", tool="go build"),
    )


def test_an_error_without_a_place_is_told_by_its_last_line() -> None:
    assert said.compiled("one\ntwo\n\n", "link")[0].message == "two"
    assert said.compiled("", "link")[0].message == "no output"


def test_vet_complaints_are_read_from_its_json() -> None:
    text = '# solution\n{"solution": {"printf": [{"posn": "./a.go:7:2", "message": "wrong verb"}]}}\n{}\n'
    assert said.vetted(text) == (Diagnostic("./a.go", 7, "wrong verb", "warning", "printf", "go vet"),)


@pytest.mark.parametrize("text", ["", "panic: vet crashed", '{"a": ', "[]"])
def test_what_is_not_vet_s_json_is_not_taken_for_a_clean_bill(text: str) -> None:
    assert said.vetted(text) is None


def test_failures_of_named_tests_and_their_subtests_are_told() -> None:
    text = (
        "--- FAIL: Test_1f (0.00s)\n    x.go:1: canary\n--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/one (0.00s)\n"
        "        a_test.go:12: got 1\nFAIL\n"
    )
    assert said.tested(text, frozenset({"TestA"})) == (
        Diagnostic("a_test.go", 12, "got 1", "error", "TestA/one", "go test"),
    )


def test_going_out_of_memory_is_recognised() -> None:
    assert said.out_of_memory("fatal error: runtime: out of memory\n\ngoroutine 1")
    assert not said.out_of_memory("panic: my cache is out of memory")


def test_golangci_lint_issues_are_read() -> None:
    assert lint.linted(f"level=warning msg=x\n{json.dumps(LINT)}\n0 issues.\n") == (
        Diagnostic("solution.go", 4, "Error return value is not checked", "warning", "errcheck", "golangci-lint"),
        Diagnostic("a.go", 1, "exported", "note", "revive", "golangci-lint"),
    )


def test_no_issues_are_null_or_an_empty_list() -> None:
    assert lint.linted('{"Issues": null, "Report": {}}') == ()
    assert lint.linted('{"Issues": []}') == ()


@pytest.mark.parametrize("text", ["", "{", '{"Report": {}}', '{"Issues": 3}', "[]"])
def test_what_is_not_golangci_lint_s_json_is_not_taken_for_clean(text: str) -> None:
    assert lint.linted(text) is None


def test_each_version_of_golangci_lint_is_asked_in_its_own_words() -> None:
    old = lint.command(Toolchain(lint="1.64.8", linter="/x/golangci-lint"), 1.0, 100)
    new = lint.command(Toolchain(lint="2.12.0", linter="/x/golangci-lint"), 1.0, 100)
    assert "--out-format=json" in old.argv
    assert "--output.json.path=stdout" in new.argv


def test_probes_tell_the_toolchain() -> None:
    go = Completed(0, "go version go1.26.8 linux/amd64\ngo1.26.8\n/opt/go\n/opt/go/pkg/tool/linux_amd64\n")
    ready = found({"go": go, "golangci-lint": Completed(127)})
    assert (ready.minor, ready.root, ready.tools, ready.lint) == (26, "/opt/go", "/opt/go/pkg/tool/linux_amd64", "")


def test_the_version_of_golangci_lint_is_taken_from_what_it_says() -> None:
    said_by = Completed(0, "golangci-lint has version 2.12.0 built with go1.26.0 from (unknown)\n")
    assert found({"go": Completed(0, ""), "golangci-lint": said_by}).lint == "2.12.0"


def test_an_older_module_gets_the_settings_of_its_time() -> None:
    ready = Toolchain(settings=(("panicnil", 21, "1"), ("asynctimerchan", 23, "1")))
    assert ready.debug(18) == "asynctimerchan=1,panicnil=1"
    assert ready.debug(22) == "asynctimerchan=1"
    assert ready.debug(23) == ""
