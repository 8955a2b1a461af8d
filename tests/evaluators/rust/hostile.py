"""What the tables of attacks are made with: tasks, right and wrong code, and how an attack is put in few words."""

from __future__ import annotations

from attacks import Attack

from stagerun import Task

TESTS = """
use solution::*;

#[test]
fn small() {
    assert_eq!(add(1, 2), 3);
}

#[test]
fn large() {
    assert_eq!(add(20, 22), 42);
}
"""
TEXT = """
use solution::*;

#[test]
fn greets() {
    assert_eq!(greet("Ann"), String::from("Hello, Ann!"));
}
"""
ENDED = ("failed", "timeout", "oom", "tampered")
BOTH = frozenset({"small", "large"})
RIGHT = "pub fn add(a: i32, b: i32) -> i32 { a + b }\n"
WRONG = "pub fn add(_a: i32, _b: i32) -> i32 { 0 }\n"
HEAD = "pub fn add(_a: i32, _b: i32) -> i32 {\n"


def task(tests: str = TESTS, name: str = "add", **meta: object) -> Task:
    """A task with one test file."""
    return Task(id=f"attack/{name}", language="rust", tests=tests, meta={"timeout": 1.0, "memory_mb": 256} | meta)


def wrong(code: str, *verdicts: str, tests: str = TESTS, least: str = "limits") -> Attack:
    """Code that must earn no test."""
    return Attack(task(tests), code, verdicts=verdicts or ("failed", "tampered"), least=least)


def honest(code: str, tests: str = TESTS, least: str = "limits") -> Attack:
    """Code that must pass."""
    passed = frozenset({"small", "large"} if tests == TESTS else {"it"} if "fn it(" in tests else {"greets"})
    return Attack(task(tests), code, verdicts=("passed",), earned=passed, least=least)


def refused(tests: str, code: str, least: str) -> Attack:
    """Code that must find a door closed: its test passes when it does."""
    return Attack(
        task(f"use solution::*;\n#[test]\nfn it() {{ {tests} }}\n"), code, {}, ("passed",), frozenset({"it"}), least
    )


def in_add(body: str, *verdicts: str, before: str = "") -> Attack:
    """What a wrong `add` does when it is called."""
    return wrong(f"{before}\n{HEAD}{body}\n}}\n", *verdicts)


def constructor(body: str) -> str:
    """Code that would run before anything else in its process."""
    return (
        '#[used]\n#[link_section = ".init_array"]\nstatic FIRST: extern "C" fn() = first;\n'
        f'extern "C" fn first() {{ {body} }}\n{WRONG}'
    )
