"""Rust with the real toolchain: scores, forms of tests, and the two ways, which must agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stagerun import Candidate, Judgement, StageError, Task
from stagerun_evaluators.judge import Local

from .hostile import RIGHT, task

Judge = Callable[..., Judgement]
CARGO = '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n'


def test_a_right_solution_gets_everything(judged: Judge) -> None:
    found = judged(RIGHT)
    assert (found.verdict, found.score, found.shares) == ("passed", 1.0, {"compile": 1.0, "test": 1.0, "lint": 1.0})


def test_a_half_right_solution_gets_half_of_its_tests(judged: Judge) -> None:
    found = judged("pub fn add(_: i32, _: i32) -> i32 { 3 }\n")
    assert (found.verdict, found.passed, found.failed) == ("failed", {"small"}, {"large"})
    assert found.score == pytest.approx(0.1 + 0.4 + 0.05)


def test_what_does_not_compile_gets_nothing_and_is_pointed_at(judged: Judge) -> None:
    found = judged("pub fn add(a: i32, b: i32) -> i32 {\n    a + c\n}\n")
    assert (found.verdict, found.score, found.failed) == ("failed", 0.0, {"small", "large"})
    (told,) = found.diagnostics
    assert (told.file, told.line, told.code, told.severity) == ("src/lib.rs", 2, "E0425", "error")


def test_a_warning_of_clippy_costs_the_lint_alone(judged: Judge) -> None:
    found = judged("pub fn add(a: i32, b: i32) -> i32 { return a + b; }\n")
    assert (found.verdict, found.score) == ("passed", 0.9)
    assert [told.code for told in found.diagnostics] == ["clippy::needless_return"]


def test_silencing_all_of_clippy_does_not_buy_a_clean_lint(judged: Judge) -> None:
    found = judged("#![allow(clippy::all)]\npub fn add(a: i32, b: i32) -> i32 { return a + b; }\n")
    assert (found.verdict, found.shares["lint"]) == ("passed", 0.0)


def test_silencing_a_single_lint_is_honest(judged: Judge) -> None:
    code = "#[allow(clippy::needless_return)]\npub fn add(a: i32, b: i32) -> i32 { return a + b; }\n"
    assert judged(code).score == 1.0


def test_denying_warnings_does_not_make_lints_into_errors_of_compiling(judged: Judge) -> None:
    found = judged("#![deny(warnings)]\npub fn add(a: i32, b: i32) -> i32 { return a + b; }\n")
    assert found.shares == {"compile": 1.0, "test": 1.0, "lint": 0.0}


def test_a_lint_that_is_an_error_by_default_does_not_keep_from_compiling(judged: Judge) -> None:
    found = judged("pub fn add(a: i32, b: i32) -> i32 { if a == a { a + b } else { 0 } }\n")
    assert found.shares == {"compile": 1.0, "test": 1.0, "lint": 0.0}


def test_a_missing_function_fails_the_tests_and_compiles(judged: Judge) -> None:
    found = judged("pub fn subtract(a: i32, b: i32) -> i32 { a - b }\n")
    assert (found.shares["compile"], found.failed) == (1.0, {"small", "large"})


TEST_FORMS = """
use solution::*;

#[test]
fn returns_a_result() -> Result<(), String> {
    if add(1, 1) == 2 { Ok(()) } else { Err("no".into()) }
}

#[test]
#[should_panic]
fn panics() {
    panic!("{}", add(1, 1));
}

#[test]
#[should_panic(expected = "exactly")]
fn panics_with_words() {
    panic!("not exactly {}", add(1, 1));
}

#[test]
#[ignore]
fn is_ignored() {
    unreachable!();
}

#[cfg(test)]
mod inner {
    use super::*;

    mod deeper {
        #[test]
        fn is_found() {
            assert_eq!(super::add(2, 2), 4);
        }
    }
}

macro_rules! cases {
    ($($name:ident: $a:expr, $b:expr => $sum:expr;)*) => { $(
        #[test]
        fn $name() {
            assert_eq!(add($a, $b), $sum);
        }
    )* };
}
cases! {
    made_by_a_macro: 1, 2 => 3;
    also_made: 2, 3 => 5;
}
"""


def test_all_forms_of_tests_are_run(judged: Judge) -> None:
    found = judged(RIGHT, TEST_FORMS)
    assert found.verdict == "passed"
    assert {"returns_a_result", "panics", "panics_with_words", "inner::deeper::is_found"} <= found.passed
    assert "is_ignored" not in found.passed | found.failed


def test_a_result_that_is_an_error_fails(judged: Judge) -> None:
    assert "returns_a_result" in judged("pub fn add(_: i32, _: i32) -> i32 { 4 }\n", TEST_FORMS).failed


def test_tests_of_an_exercise_run_although_they_are_ignored(local: Local) -> None:
    tests = "use demo::*;\n#[test]\nfn one() {}\n#[test]\n#[ignore]\nfn two() { assert_eq!(add(1, 1), 2); }\n"
    meta = {"format": "exercism", "stubs": {"Cargo.toml": CARGO}}
    given = Task(id="e", language="rust", entry="src/lib.rs", files={"tests/demo.rs": tests}, meta=meta)
    assert local.judge([Candidate(given, RIGHT)])[0].passed == {"one", "two"}


def test_tests_made_to_stand_in_the_same_file_reach_private_functions(judged: Judge) -> None:
    tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn it() { assert_eq!(add(1, 2), 3); }\n}\n"
    assert judged("use std::collections::HashMap;\nfn add(a: i32, b: i32) -> i32 { a + b }\n", tests).passed == {
        "tests::it"
    }


def test_a_main_that_asserts_is_a_test(judged: Judge) -> None:
    found = judged("fn add(a: i32, b: i32) -> i32 { a + b }\n", "fn main() { assert_eq!(add(1, 2), 3); }\n")
    assert (found.verdict, found.passed) == ("passed", {"main"})


def test_a_row_whose_tests_close_the_last_brace(local: Local) -> None:
    tests = "}\n\nfn main() {\n    assert_eq!(add(1, 2), 3);\n}\n"
    given = Task(id="h", language="rust", tests=tests, meta={"format": "humaneval"})
    for code in ("fn add(a: i32, b: i32) -> i32 {\n    a + b\n", "fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n"):
        assert local.judge([Candidate(given, code)])[0].passed == {"main"}


def test_several_test_files_with_equal_names_are_told_apart(local: Local) -> None:
    one = "use solution::*;\n#[test]\nfn it() { assert_eq!(add(1, 2), 3); }\n"
    given = Task(id="t", language="rust", files={"tests/one.rs": one, "tests/two.rs": one.replace("3", "4")})
    found = local.judge([Candidate(given, RIGHT)])[0]
    assert (found.passed, found.failed) == ({"one::it"}, {"two::it"})


def test_a_test_file_may_have_helpers_and_data(local: Local) -> None:
    root = 'mod common;\n#[test]\nfn it() { assert_eq!(solution::add(1, 2), common::three()); include_str!("data.txt"); }\n'
    files = {"tests/solution.rs": root, "tests/common/mod.rs": "pub fn three() -> i32 { 3 }", "tests/data.txt": "x"}
    assert local.judge([Candidate(Task(id="t", language="rust", files=files), RIGHT)])[0].verdict == "passed"


@pytest.mark.parametrize("edition", ["2015", "2018", "2024"])
def test_every_edition_is_judged(local: Local, edition: str) -> None:
    tests = "extern crate demo;\nuse demo::*;\n#[test]\nfn it() { assert_eq!(add(1, 2), 3); }\n"
    given = Task(id="t", language="rust", tests=tests, repo={"Cargo.toml": CARGO.replace("2021", edition)})
    assert local.judge([Candidate(given, RIGHT)])[0].passed == {"it"}


def test_tests_find_the_package_s_folder_as_they_run(judged: Judge) -> None:
    tests = '#[test]\nfn it() { assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok()); assert_eq!(solution::add(1, 2), 3); }\n'
    assert judged(RIGHT, tests).verdict == "passed"


@pytest.fixture(params=["local", "plain"])
def way(request: pytest.FixtureRequest) -> Local:
    """Both ways, one after the other."""
    judge: Local = request.getfixturevalue(request.param)
    return judge


def test_tests_of_the_task_within_the_crate_are_run(way: Local) -> None:
    unit = "use super::*;\n#[test]\nfn it() { assert_eq!(hidden(), 7); }\n"
    repo = {
        "Cargo.toml": CARGO,
        "src/lib.rs": "#[cfg(test)]\nmod tests;\nfn hidden() -> i32 { 7 }\npub fn f() -> i32 { hidden() }\n",
    }
    given = Task(id="u", language="rust", files={"src/tests.rs": unit}, repo=repo)
    lazy = repo["src/lib.rs"].replace("7", "8")
    candidates = [Candidate(given, files={"src/lib.rs": code}) for code in (repo["src/lib.rs"], lazy)]
    assert [found.verdict for found in way.judge(candidates)] == ["passed", "failed"]


def test_a_dependency_that_lies_in_the_task_is_built_by_cargo(local: Local) -> None:
    repo = {
        "Cargo.toml": CARGO + '[dependencies]\nhelper = { path = "helper" }\n',
        "helper/Cargo.toml": CARGO.replace("demo", "helper"),
        "helper/src/lib.rs": "pub fn one() -> i32 { 1 }\n",
    }
    tests = "#[test]\nfn it() { assert_eq!(demo::two(), helper::one() + 1); }\n"
    given = Task(id="d", language="rust", tests=tests, repo=repo)
    assert local.judge([Candidate(given, "pub fn two() -> i32 { helper::one() * 2 }\n")])[0].score == 1.0


def test_a_crate_that_is_not_here_is_named_before_anything_runs(local: Local) -> None:
    given = Task(
        id="d", language="rust", tests="#[test]\nfn a() {}", repo={"Cargo.toml": CARGO + "[dependencies]\nrand = '1'\n"}
    )
    with pytest.raises(StageError, match="task d needs the crate rand"):
        local.judge([Candidate(given, RIGHT)])


SAMPLES = {
    "right": RIGHT,
    "half right": "pub fn add(_: i32, _: i32) -> i32 { 3 }\n",
    "does not compile": "pub fn add(",
    "warns": "pub fn add(a: i32, b: i32) -> i32 { return a + b; }\n",
    "silences": "#![allow(clippy::all)]\npub fn add(a: i32, b: i32) -> i32 { return a + b; }\n",
    "denies": "#![deny(warnings)]\npub fn add(a: i32, b: i32) -> i32 { return a + b; }\n",
    "lacks the function": "pub fn f() {}\n",
    "exits": "pub fn add(_: i32, _: i32) -> i32 { std::process::exit(0) }\n",
    "overflows": "pub fn add(a: i32, b: i32) -> i32 { i32::MAX.wrapping_add(1) + i32::MIN + a + b }\n",
    "knows its package": 'pub fn add(a: i32, b: i32) -> i32 { a + b + env!("CARGO_PKG_NAME").len() as i32 - 8 }\n',
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_quick_way_and_cargo_agree(local: Local, plain: Local, name: str) -> None:
    quick, slow = (judge.judge([Candidate(task(), SAMPLES[name])])[0] for judge in (local, plain))
    assert (quick.verdict, quick.score, quick.passed, quick.failed) == (
        slow.verdict,
        slow.score,
        slow.passed,
        slow.failed,
    )
    assert {told.code for told in quick.diagnostics} == {told.code for told in slow.diagnostics}
