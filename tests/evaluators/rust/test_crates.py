"""Tasks that need crates of others: what is read of their Cargo.toml, and both ways to judge them with the real crates.

The crates are fetched once into the user's cache. What is compiled of them here is little: three that HumanEval-X takes for
granted, and some that compile in no time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from rust_crates import provide

from stagerun import Candidate, Judgement, StageError, Task
from stagerun_evaluators.judge import Local
from stagerun_evaluators.rust import Rust
from stagerun_evaluators.rust.adopt import adopted
from stagerun_evaluators.rust.manifest import Manifest, manifest
from stagerun_evaluators.rust.prebuilt import prebuilt
from stagerun_evaluators.rust.toolchain import Toolchain

from .conftest import judge_of

CARGO = '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n'
HERE = Rust(chain=Toolchain("/rust"))
DECLARED = """fn main(){
}

use rand::Rng;
use regex::Regex;
use md5;

/*
The md5 of a text.
*/
fn digest(text: String) -> String{

"""
BODY = '    format!("{:x}", md5::compute(text.as_str()))\n}\n'
ROW = """
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_digest() {
        assert!(digest("Hello world".to_string()) == "3e25960a79dbc69b674cd4ec67a72c62".to_string());
        assert_eq!(Regex::new("^[0-9a-f]{32}$").unwrap().is_match(&digest(String::new())), true);
    }
}
"""


def listed(lines: str, tests: str = "#[test]\nfn it() {}\n") -> Task:
    """A task whose Cargo.toml has these lines."""
    return Task(id="listed", language="rust", tests=tests, repo={"Cargo.toml": CARGO + lines})


def row() -> Task:
    """A row as HumanEval-X has them: its declaration begins with what is imported."""
    meta = {
        "format": "humaneval",
        "entry_point": "digest",
        "declaration": DECLARED,
        "prompt": "\n/*\n The md5 of a text.\n*/\n",
    }
    return Task(id="Rust/162", language="rust", statement=meta["prompt"], tests=ROW, meta=meta)


def read(lines: str) -> Manifest:
    return manifest(listed(lines), CARGO + lines, {})


def refused(task: Task, language: Rust = HERE) -> str:
    with pytest.raises(StageError) as found:
        language.checks(Candidate(task, "pub fn f() {}"))
    return str(found.value)


@pytest.mark.parametrize(
    ("lines", "keys"),
    [
        ('[dependencies]\nrand = "0.4"', ["rand_0_4"]),
        ('[dependencies]\nrand = { version = "~0.8.1" }', ["rand_0_8"]),
        ('[dependencies]\nrand = "*"', ["rand"]),
        ('[dependencies]\ndice = { package = "rand", version = "0.4" }', ["rand_0_4"]),
        ('[dependencies]\nserde = { version = "1", features = ["derive"] }', ["serde"]),
        ('[dependencies]\nmd5 = "0.7"\nregex = "1.0"', ["md5", "regex"]),
    ],
)
def test_what_is_prebuilt_needs_no_cargo(lines: str, keys: list[str]) -> None:
    found = read(lines)
    assert (found.plain, [each.crate.key for each in found.externs]) == (False, keys)


@pytest.mark.parametrize(
    "lines",
    [
        '[dependencies]\nrand = { version = "0.8", features = ["small_rng"] }',
        '[dependencies]\nserde = "1"',
        '[dependencies]\nmd5 = { version = "0.7", default-features = false }',
        '[dependencies]\nmd5 = "0.7"\nlibc = "0.2"',
        '[dependencies]\nmd5 = { version = "0.7", optional = true }',
        '[dependencies]\nmd5 = "0.7"\n[profile.dev]\nopt-level = 1',
        '[build-dependencies]\nmd5 = "0.7"',
    ],
)
def test_what_is_asked_for_otherwise_is_left_to_cargo(lines: str) -> None:
    assert read(lines).plain


def test_what_only_tests_are_given_is_kept_from_the_candidate() -> None:
    found = read('[dependencies]\nmd5 = "0.7"\n[dev-dependencies]\nonce_cell = "1"')
    assert [each.name for each in found.externs] == ["md5"]
    assert [each.name for each in found.more] == ["once_cell"]


def test_a_row_of_the_humaneval_family_gets_the_crates_that_it_names_and_no_others() -> None:
    found = adopted(row()).files["Cargo.toml"]
    assert found.endswith('[dependencies]\nmd5 = "0.7.0"\nrand = "0.4"\nregex = "1"\n')
    only = attrs.evolve(row(), statement="", meta={"format": "humaneval", "prompt": "use regex::Regex; // use md5;\n"})
    assert "md5" not in adopted(attrs.evolve(only, tests="#[test] fn it() { regex() }")).files["Cargo.toml"]


def test_a_row_that_names_none_gets_no_cargo_toml() -> None:
    plain = attrs.evolve(
        row(), statement="", tests="fn main() { x.regex(); }", meta={"format": "humaneval", "prompt": ""}
    )
    assert not adopted(plain).files


def test_a_crate_that_is_not_installed_is_named_with_the_line_that_installs_it() -> None:
    said = refused(listed('[dependencies]\nregex = "1"'))
    assert "needs the crate regex 1, which is not installed" in said
    assert "stagerun toolchains install" in said


def test_a_version_that_is_not_to_be_had_is_named_with_those_that_are() -> None:
    versions = sorted(each.version for each in prebuilt() if each.package == "rand")
    assert f"needs the crate rand 0.5, which is here as {', '.join(versions)}" in refused(
        listed("[dependencies]\nrand = '0.5'")
    )


def test_a_crate_that_is_nowhere_is_named_with_those_that_are_to_be_had() -> None:
    said = refused(listed("[dependencies]\ntokio = '1'"))
    assert "needs the crate tokio 1, which is not here" in said
    assert "rand, rayon, regex" in said


def test_a_lock_file_of_the_task_s_does_not_ask_for_other_versions() -> None:
    task = listed('[dependencies]\nmd5 = "0.7"')
    locked = attrs.evolve(task, repo={**task.repo, "Cargo.lock": "version = 4"})
    assert "Cargo.lock" not in HERE.layout(Candidate(locked, "pub fn f() {}"))
    alone = attrs.evolve(locked, repo={"Cargo.toml": CARGO, "Cargo.lock": "version = 4"})
    assert "Cargo.lock" in HERE.layout(Candidate(alone, "pub fn f() {}"))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Sources of two crates, of which one can do more with a third."""
    for name, more in {
        "one": '[features]\nquick = ["dep:far"]\nplain = []\n[dependencies]\nfar = { version = "1", optional = true }',
        "two": "",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "1.2.0"\n{more}\n')
    return str(tmp_path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('one = "1"', ""),
        ('one = { version = "1", features = ["plain"] }', ""),
        (
            'one = { version = "1", features = ["quick"] }',
            "one 1 with quick, which then needs far, and that is not here",
        ),
        ('one = { version = "1", features = ["none"] }', "one 1 with none, which has no feature none"),
        ('two = "2"', "two 2, which is here as 1.2.0"),
        ('three = "1"', "three 1, which is not here"),
    ],
)
def test_a_folder_of_one_s_own_is_looked_into(folder: str, line: str, says: str) -> None:
    task, language = listed(f"[dependencies]\n{line}"), attrs.evolve(HERE, vendor=folder)
    if says:
        assert f"needs the crate {says}; candidates never download" in refused(task, language)
    else:
        found = {check.name: check for check in language.checks(Candidate(task, "pub fn f() {}"))}
        assert f"--config=source.vendored.directory='{folder}'" in found["compile"].command.argv


def test_sources_that_somebody_chose_are_compiled_by_cargo_also_where_a_crate_of_ours_would_fit(tmp_path: Path) -> None:
    (tmp_path / "md5").mkdir()
    (tmp_path / "md5" / "Cargo.toml").write_text('[package]\nname = "md5"\nversion = "0.7.0"\n')
    task, language = listed('[dependencies]\nmd5 = "0.7"'), attrs.evolve(HERE, vendor=str(tmp_path))
    assert language.seeds_of(task) == ()
    assert language.checks(Candidate(task, "pub fn f() {}"))[0].command.argv[0].endswith("cargo")


def test_a_task_without_crates_asks_for_no_seed_of_them() -> None:
    assert attrs.evolve(HERE, vendor="/v").seeds_of(Task(id="t", language="rust", tests="#[test]\nfn it() {}\n")) == ()


@pytest.fixture(scope="session")
def crates(_surroundings: None) -> None:
    """The sources of the crates are there."""
    if why := provide():
        pytest.skip(f"the crates of Rust are not there: {why}")


@pytest.fixture(scope="session")
def quick(crates: None) -> Iterator[Local]:
    judge = judge_of(Rust())
    yield judge
    judge.close()


@pytest.fixture(scope="session")
def slow(crates: None) -> Iterator[Local]:
    judge = judge_of(Rust(plain=True))
    yield judge
    judge.close()


@pytest.fixture
def judged(quick: Local) -> Callable[..., Judgement]:
    def judge(task: Task, code: str) -> Judgement:
        return quick.judge([Candidate(task, code)])[0]

    return judge


Judge = Callable[[Task, str], Judgement]
LAZY = listed(
    '[dependencies]\nlazy_static = "1.4"\n[dev-dependencies]\nmd5 = "0.7"\n',
    'use demo::*;\n#[test]\nfn it() { assert_eq!(*ANSWER, 42); assert_eq!(md5::compute(b"")[0], 0xd4); }\n',
)
ANSWER = "lazy_static::lazy_static! { pub static ref ANSWER: i32 = 42; }\n"


def test_a_row_with_crates_is_judged(judged: Judge) -> None:
    found = judged(row(), DECLARED + BODY)
    assert (found.verdict, found.passed) == ("passed", {"tests::test_digest"})
    assert judged(row(), DECLARED + BODY.replace(":x", ":X")).verdict == "failed"


def test_a_crate_that_the_task_lists_is_given(judged: Judge) -> None:
    assert judged(LAZY, ANSWER).score == 1.0
    assert judged(LAZY, ANSWER.replace("42", "41")).verdict == "failed"


@pytest.mark.parametrize("name", ["md5", "rand", "regex"])
def test_a_crate_that_the_task_does_not_list_is_not_found(judged: Judge, name: str) -> None:
    found = judged(LAZY, f"extern crate {name};\n{ANSWER}")
    assert (found.shares["compile"], found.diagnostics[0].code) == (0.0, "E0463")


def test_what_a_listed_crate_needs_itself_is_not_given(judged: Judge) -> None:
    found = judged(row(), f"extern crate regex_automata;\n{DECLARED}{BODY}")
    assert (found.shares["compile"], found.diagnostics[0].code) == (0.0, "E0463")


def test_the_candidate_s_own_cargo_toml_gives_it_no_crate(quick: Local) -> None:
    files = {"Cargo.toml": f"{CARGO}[dependencies]\nmd5 = '0.7'\n", "src/lib.rs": f"use md5 as _;\n{ANSWER}"}
    assert quick.judge([Candidate(LAZY, files=files)])[0].shares["compile"] == 0.0


@pytest.mark.parametrize("code", [ANSWER, ANSWER.replace("42", "41"), f"use md5 as _;\n{ANSWER}"])
def test_cargo_says_of_a_task_with_crates_what_the_quick_way_says(judged: Judge, slow: Local, code: str) -> None:
    one, other = judged(LAZY, code), slow.judge([Candidate(LAZY, code)])[0]
    assert (one.verdict, one.shares, one.failed) == (other.verdict, other.shares, other.failed)


@pytest.mark.slow  # cargo compiles a whole engine of regular expressions
def test_cargo_says_of_a_row_with_crates_what_the_quick_way_says(judged: Judge, slow: Local) -> None:
    one, other = judged(row(), DECLARED + BODY), slow.judge([Candidate(row(), DECLARED + BODY)])[0]
    assert (one.verdict, one.shares, one.passed) == (other.verdict, other.shares, other.passed)


def test_features_that_are_not_prebuilt_are_built_by_cargo(judged: Judge) -> None:
    task = listed(
        '[dependencies]\nonce_cell = { version = "1", default-features = false, features = ["std"] }\n',
        "#[test]\nfn it() { assert_eq!(demo::one(), 1); }\n",
    )
    code = "pub fn one() -> i32 { *once_cell::sync::Lazy::new(|| 1) }\n"
    assert judged(task, code).verdict == "passed"


SHADOWING = {
    "a module": "pub mod md5 { pub fn compute(_: &[u8]) -> [u8; 1] { [0xd4] } }\n",
    "a macro": "#[macro_export] macro_rules! assert_eq { ($($any:tt)*) => {}; }\n",
    "a renamed crate": "pub use std as md5;\n",
    "an exit": "",
}


@pytest.mark.parametrize("name", SHADOWING)
def test_tests_mean_the_crate_and_not_what_the_candidate_calls_so(judged: Judge, name: str) -> None:
    tests = 'use demo::*;\n#[test]\nfn it() { assert_eq!(md5::compute(b"x")[0], answer()); }\n'
    task = attrs.evolve(LAZY, tests=tests)
    wrong = "pub fn answer() -> u8 { %s }\n" % ("std::process::exit(0)" if name == "an exit" else "0xd4")
    assert judged(task, wrong + SHADOWING[name]).verdict in {"failed", "tampered"}
    assert judged(task, "pub fn answer() -> u8 { 0x9d }\n" + SHADOWING[name]).verdict == "passed"


PRETTY = """
use demo::*;
use pretty_assertions::assert_eq;

#[test]
fn it() { assert_eq!(give(), Thing(1)); }
"""


def test_an_equality_that_is_always_true_does_not_survive_pretty_assertions(judged: Judge) -> None:
    task = listed('[dev-dependencies]\npretty_assertions = "*"\n', PRETTY)
    thing = "#[derive(Debug)] pub struct Thing(pub i32);\npub fn give() -> Thing { Thing(2) }\n"
    lie = "impl PartialEq for Thing { fn eq(&self, _: &Self) -> bool { true } }\n"
    assert judged(task, thing + lie).verdict in {"failed", "tampered"}
    assert judged(task, thing.replace("#[derive(Debug)]", "#[derive(Debug, PartialEq)]").replace("(2)", "(1)")).passed
