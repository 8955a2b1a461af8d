"""Rust's texts are read right: tokens, tests, manifests, suspicions. Nothing is started here."""

from __future__ import annotations

import pytest

from stagerun import StageError, Task
from stagerun_evaluators.rust.crate import public
from stagerun_evaluators.rust.manifest import crate_of, manifest
from stagerun_evaluators.rust.rewrite import library, paths_of_tests
from stagerun_evaluators.rust.suspect import Suspicions, asked_for, suspicions
from stagerun_evaluators.rust.tokens import tokens

GLOB = "use solution::*;\n"


def words(code: str) -> list[str]:
    return [token.text for token in tokens(code)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("a // b\nc", ["a", "c"]),
        ("a /* b /* c */ d */ e", ["a", "e"]),
        ("a /* never", ["a"]),
        (r'"\" // no" x', [r'"\" // no"', "x"]),
        ('r#"a "quoted" b"# x', ['r#"a "quoted" b"#', "x"]),
        ("'a' 'b \"x\"", ["'a'", "'b", '"x"']),
        (r"'\'' '\u{1F600}' b'\\'", [r"'\''", r"'\u{1F600}'", r"b'\\'"]),
        ("r#type r", ["r#type", "r"]),
        ("0..5 1.5 1.max()", ["0", ".", ".", "5", "1.5", "1", ".", "max", "(", ")"]),
        ('"never ends', ['"never ends']),
    ],
)
def test_tokens(code: str, found: list[str]) -> None:
    assert words(code) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("#[test] fn a() {}", [("a", False)]),
        ('#[test]\n#[ignore = "slow"]\nfn a() {}', [("a", True)]),
        ("mod x { mod y { #[test] fn a() {} } #[test] fn b() {} }", [("x::y::a", False), ("x::b", False)]),
        ('// #[test]\n/* #[test] fn c() {} */ const S: &str = "#[test] fn d() {}";\n#[test] fn a() {}', [("a", False)]),
        ('#[should_panic(expected = "}")] #[test] pub fn a() {}', [("a", False)]),
        ('#[cfg(feature = "x")] #[test] fn a() {} #[test] fn b() {}', [("b", False)]),
        ('#[cfg(feature = "x")] mod m { #[test] fn a() {} } #[test] fn b() {}', [("b", False)]),
        ("#[cfg(test)] mod m { #[test] fn a() {} }", [("m::a", False)]),
        ("macro_rules! t { ($n:ident) => { #[test] fn $n() {} } } #[test] fn b() {}", [("b", False)]),
        ("fn outer() { #[test] fn hidden() {} } #[test] fn b() {}", [("b", False)]),
        ("#[derive(Debug)] struct S; #[inline] fn helper() {}", []),
        ("fn main() { assert!(true); }", [("main", False)]),
    ],
)
def test_names_of_tests(code: str, found: list[tuple[str, bool]]) -> None:
    assert list(paths_of_tests(code)) == found


def test_a_test_file_keeps_its_lines() -> None:
    code = GLOB + "\n#[test]\n#[should_panic]\nfn a() {\n    assert_eq!(1, 2);\n}\n"
    made = library(code, "solution").splitlines()
    assert made[4].startswith("fn a()")
    assert "::std::assert_eq!(1, 2);" in made[5]


def test_macros_that_the_file_brings_itself_are_left_alone() -> None:
    own = "use pretty::assert_eq;\nmacro_rules! panic { () => {} }\n#[test] fn a() { assert_eq!(1, 1); panic!(); assert!(true); }"
    made = library(GLOB + own, "solution")
    assert "{ assert_eq!(1, 1); panic!(); ::std::assert!(true); }" in made


def test_a_file_that_imports_its_own_names_keeps_them() -> None:
    made = library(GLOB + "use other::String; struct Vec; #[test] fn a() {}", "solution")
    assert "string::String" not in made
    assert "vec::Vec" not in made
    assert "boxed::Box" in made


def test_a_wary_file_puts_comparisons_to_the_test() -> None:
    code = (
        GLOB
        + "#[test] fn a() { assert_eq!(f(), 1); assert!(f(2, 3) == 1); assert!(a == b && c); assert!(g(|x| x == 1)); }"
    )
    made = library(code, "solution", wary=True)
    assert "::stagerun_rt::assert_eq!(f(), 1); ::stagerun_rt::assert_equal!(f(2, 3) , 1);" in made
    assert "::std::assert!(a == b && c); ::std::assert!(g(|x| x == 1));" in made


def test_items_are_made_public_for_tests_in_the_same_file() -> None:
    code = (
        "use a::b;\n#[inline]\nfn f() { fn inner() {} }\npub(crate) struct S { x: u8 }\n"
        "impl S { fn m() {} }\nunsafe impl Send for S {}\n"
    )
    assert public(code) == (
        "pub use a::b;\n#[inline]\npub fn f() { fn inner() {} }\npub struct S { x: u8 }\nimpl S { fn m() {} }\n"
        "unsafe impl Send for S {}\n"
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('#[no_mangle] pub extern "C" fn write() {}', "no_mangle"),
        ('#[unsafe(export_name = "main")] pub fn f() {}', "export_name"),
        ('#[cfg_attr(all(), link_section = ".init_array")] static X: u8 = 0;', "link_section"),
        ("m!(r#link_section);", "link_section"),
        ('std::arch::global_asm!("");', "global_asm"),
        ('use std::arch::asm; fn f() { unsafe { asm!("nop") } }', "asm"),
        ('const A: &str = include_str!("/etc/passwd");', "includes a file"),
        ('const A: &str = include_str!("../../x");', "includes a file"),
        ('const A: &str = include_str!(concat!("a", "b"));', "includes a file"),
    ],
)
def test_doors_that_no_solution_needs_are_refused(code: str, why: str) -> None:
    assert why in suspicions({"src/lib.rs": code}, {"src/lib.rs"}).refused


@pytest.mark.parametrize(
    "code",
    [
        '// #[no_mangle]\nconst A: &str = "#[no_mangle]";',
        'const A: &str = include_str!("data/words.txt");',
        'const A: &str = include_str!("../words.txt",);',
        "fn asm(asm: u8) -> u8 { let x = asm; x }",
        "#[derive(PartialEq, PartialOrd)] struct S;",
        "fn f<T: Copy + PartialEq>(x: T) {} impl<T> S<T> where T: std::fmt::Debug + PartialEq<T> {}",
        "#[allow(dead_code, clippy::needless_return)] fn f() {}",
        "fn f(s: &str) -> bool { s.starts_with('x') }",
    ],
)
def test_honest_code_is_not_suspected(code: str) -> None:
    assert suspicions({"src/lib.rs": code}, {"src/data/words.txt", "words.txt"}) == Suspicions()


@pytest.mark.parametrize(
    "code", ["impl PartialEq<i32> for S { }", "impl std::cmp::PartialEq for S {}", "use std::cmp::PartialEq as P;"]
)
def test_a_comparison_of_its_own_makes_the_judge_wary(code: str) -> None:
    assert suspicions({"a.rs": code}, {}).wary


@pytest.mark.parametrize(
    "code", ["#![allow(warnings)]", "#![allow(clippy::all)]", "#![cfg_attr(all(), allow(unused))]"]
)
def test_silencing_groups_is_seen(code: str) -> None:
    assert suspicions({"a.rs": code}, {}).blanket


@pytest.mark.parametrize(
    ("body", "blind"),
    [
        ("true", True),
        ("let _ = other; true", True),
        ("self.0 == 1", True),
        ("self.0 == other.0", False),
        ("self.0 == other.0 || true", True),
        ("for (a, b) in self.0.iter().zip(&other.0) { if a != b { return false } } true", False),
        ("match (self, other) { (A, A) => true, _ => false }", False),
    ],
)
def test_a_comparison_that_does_not_look_is_seen(body: str, blind: bool) -> None:
    code = f"impl PartialEq for S {{ fn eq(&self, other: &S) -> bool {{ {body} }} }}"
    assert suspicions({"a.rs": code}, {}).blind == blind


def test_linkage_is_allowed_where_the_task_is_about_it() -> None:
    assert not suspicions({"a.rs": "#[no_mangle] pub fn f() {}"}, {}, linkage=True).refused


def test_a_public_trait_that_gives_lists_a_method_of_slices_is_seen() -> None:
    code = "pub trait Has<T> { fn contains(&self, _: &T) -> bool; fn own(&self); } impl<T> Has<T> for Vec<T> {}"
    assert suspicions({"a.rs": code}, {}).traits == {"Has": frozenset({"contains"})}
    assert suspicions({"a.rs": "struct Mine<T>(T); " + code.replace("for Vec<T>", "for Mine<T>")}, {}).traits == {}


def cargo(extra: str) -> str:
    return f'[package]\nname = "my-crate"\nversion = "1.2.3"\nedition = "2018"\n{extra}'


def test_a_manifest_says_name_edition_features_and_lints() -> None:
    text = cargo(
        '[features]\ndefault = ["a"]\na = ["b"]\nb = []\nc = []\n[lints.clippy]\nnew_without_default = "allow"\n'
    )
    found = manifest(Task("t", "rust"), text, {})
    assert (found.name, found.edition, set(found.features)) == ("my_crate", "2018", {"default", "a", "b"})
    assert found.flags == ("--allow=clippy::new_without_default",)
    assert not found.plain


@pytest.mark.parametrize(
    "extra", ["[dependencies]\nx = { path = 'x' }", "[workspace]\nmembers = ['x']", "[[bin]]\nname = 'b'"]
)
def test_what_only_cargo_can_do_is_left_to_cargo(extra: str) -> None:
    assert manifest(Task("t", "rust"), cargo(extra), {}).plain


def test_crates_from_elsewhere_are_told() -> None:
    text = cargo(
        "[dependencies]\nrand = '1'\nhere = { path = 'here' }\n[dev-dependencies]\nx = { package = 'y', version = '1' }"
    )
    found = manifest(Task("t", "rust"), text, {}).registry
    assert [(each.package, each.name) for each in found] == [("rand", "rand"), ("y", "x")]


@pytest.mark.parametrize(
    ("text", "says"),
    [("[package", "is not TOML"), ("[lib]", "no package name"), (cargo("").replace("2018", "1999"), "edition")],
)
def test_a_manifest_that_is_not_understood_is_named(text: str, says: str) -> None:
    with pytest.raises(StageError, match=f"task t: .*{says}"):
        manifest(Task("t", "rust"), text, {})


@pytest.mark.parametrize(
    ("tests", "name"),
    [
        ("use solution::*;", "solution"),
        ("use std::fmt;\nuse acronym::abbreviate;", "acronym"),
        ("mod common;\nuse common::x;\nuse super::*;", "solution"),
        ("use vlq as v;", "vlq"),
    ],
)
def test_without_a_manifest_the_tests_name_the_crate(tests: str, name: str) -> None:
    assert crate_of({"tests/a.rs": tests}) == name


@pytest.mark.parametrize(
    ("trait", "statement", "tests", "asked"),
    [
        ("Stack", "Write a trait `Stack`.", "", True),
        ("Stack", "Implement the Stack trait.", "", True),
        ("Stack", "", "use solution::Stack;", True),
        ("f", "", "use solution::f;", False),
        ("Result", "", "fn t() -> Result<(), ()> {}", False),
        ("The", "The answer is 42.", "", False),
    ],
)
def test_a_trait_is_asked_for_by_who_speaks_of_it_as_one(trait: str, statement: str, tests: str, asked: bool) -> None:
    assert asked_for(trait, statement, [tests]) == asked


def test_a_function_that_gives_a_type_with_operators_is_seen_when_they_reach_beyond_it() -> None:
    code = "pub struct F; impl Sub<RIGHT> for F { type Output = f64; } pub fn mean(_: &[f64]) -> F { F }"
    assert suspicions({"a.rs": code.replace("RIGHT", "f64")}, {}).makers == {"mean": "F"}
    assert suspicions({"a.rs": code.replace("RIGHT", "F")}, {}).makers == {}
