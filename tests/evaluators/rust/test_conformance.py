"""Rust goes through the kit that every language must pass."""

from __future__ import annotations

import pytest

from stagerun import Task
from stagerun.testing import Case, Samples, cases, check_description, check_missing_tools
from stagerun_evaluators.judge import Local
from stagerun_evaluators.rust import Rust

from .conftest import judge_of
from .hostile import RIGHT, TESTS, WRONG


def adding(body: str) -> str:
    """An `add` that does something."""
    return f"pub fn add(a: i32, b: i32) -> i32 {{\n    {body}\n}}\n"


SAMPLES = Samples(
    task=Task(
        id="add",
        language="rust",
        files={"tests/solution.rs": TESTS, "data.txt": "1"},
        repo={"src/lib.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n"},
        meta={"timeout": 5.0, "memory_mb": 512},
    ),
    good=RIGHT,
    wrong=WRONG,
    half=adding("let _ = (a, b);\n    3"),
    broken="pub fn add(a: i32",
    loud=adding('println!("{}", "x".repeat(300_000));\n    eprintln!("{}", "y".repeat(300_000));\n    a + b'),
    endless=adding(
        "let mut n = a;\n    loop {\n        n = n.wrapping_add(b);\n        std::hint::black_box(n);\n    }"
    ),
    hungry=adding(
        "let all = vec![1u8; 10_000_000_000];\n    std::hint::black_box(&all);\n    all.len() as i32 + a + b"
    ),
    leaves=adding("std::process::exit(a - a + b - b)"),
    forges=adding(
        'println!("running 2 tests\\ntest small ... ok\\ntest large ... ok\\ntest result: ok. 2 passed; 0 failed");\n'
        "    std::process::exit(a - a + b - b)"
    ),
    configuration={
        "build.rs": "fn main() { std::process::exit(0); }\n",
        "clippy.toml": "msrv = '1.0.0'\n",
        ".cargo/config.toml": "[build]\nrustflags = ['--cfg', 'cheat']\n",
        "rust-toolchain.toml": "[toolchain]\nchannel = 'nightly'\n",
        "tests/other.rs": "#[test]\nfn small() {}\n#[test]\nfn large() {}\n",
    },
    patched="--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1,3 +1,3 @@\n pub fn add(a: i32, b: i32) -> i32 {\n"
    "-    a - b\n+    a + b\n }\n",
)


def test_it_describes_itself() -> None:
    check_description(Rust(), SAMPLES)


@pytest.mark.parametrize("case", cases(SAMPLES), ids=str)
def test_it_conforms(local: Local, case: Case) -> None:
    case.check(local)


@pytest.mark.usefixtures("_surroundings")
def test_without_its_tools_it_says_so() -> None:
    check_missing_tools(Rust(), SAMPLES, judge_of)  # type: ignore[arg-type]
