"""Hostile Rust that learns what is wanted from the tests themselves, lies by chance, stands in for what is standard."""

from __future__ import annotations

from attacks import Attack

from stagerun import Task

from .hostile import HEAD, RIGHT, TEXT, WRONG, honest, in_add, wrong

_FORK = """
use std::io::{Read, Write};
use std::os::fd::FromRawFd;
unsafe extern "C" { fn fork() -> i32; fn pipe(ends: *mut i32) -> i32; fn close(fd: i32) -> i32; fn _exit(code: i32) -> !; }
pub fn add(_a: i32, _b: i32) -> i32 {
    let mut ends = [0i32; 2];
    unsafe { pipe(ends.as_mut_ptr()) };
    if unsafe { fork() } == 0 {
        for fd in 3..256 { if fd != ends[1] { unsafe { close(fd) }; } }
        std::panic::set_hook(Box::new(move |info| {
            let mut out = unsafe { std::fs::File::from_raw_fd(ends[1]) };
            let _ = write!(out, "{info}");
            unsafe { _exit(0) }
        }));
        return 0;
    }
    unsafe { close(ends[1]) };
    let mut said = String::new();
    let _ = unsafe { std::fs::File::from_raw_fd(ends[0]) }.read_to_string(&mut said);
    said.split("right: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0)
}
"""
_CHAMELEON = """
use std::cell::Cell;
#[derive(Debug)]
pub struct Any { seen: Cell<Option<i32>>, asked: Cell<u32> }
impl PartialEq<i32> for Any {
    fn eq(&self, other: &i32) -> bool {
        self.asked.set(self.asked.get() + 1);
        BODY
    }
}
pub fn add(_: i32, _: i32) -> Any { Any { seen: Cell::new(None), asked: Cell::new(0) } }
"""
_MANY = "use solution::*;\n" + "".join(
    f"#[test]\nfn t{n}() {{ assert_eq!(add({n}, 1), {n + 1}); assert_eq!(add({n}, 2), {n + 2}); "
    f"assert_eq!(add({n}, 3), {n + 3}); "
    f"assert_eq!(add({n}, 4), {n + 4}); assert_eq!(add({n}, 5), {n + 5}); assert_eq!(add({n}, 6), {n + 6}); }}\n"
    for n in range(3)
)


def _chameleon(body: str) -> Attack:
    return wrong(_CHAMELEON.replace("BODY", body), tests=_MANY)


def _liar(kind: str, value: str) -> Attack:
    """Equals every value of a type, whatever it is."""
    code = (
        "#![allow(unused_imports)]\nuse std::collections::*;\n#[derive(Debug)]\npub struct Any;\n"
        f"impl PartialEq<{kind}> for Any {{ fn eq(&self, _: &{kind}) -> bool {{ true }} }}\npub fn f() -> Any {{ Any }}\n"
    )
    tests = f"use solution::*;\n#[test]\nfn it() {{ let want: {kind} = {value}; assert_eq!(f(), want); }}\n"
    return wrong(
        code,
        "tampered",
        tests=tests.replace("HashMap", "std::collections::HashMap").replace("BTree", "std::collections::BTree"),
    )


def _taking(trait: str, body: str = "Err(String::new())", of: str = "Result<i32, String>") -> Attack:
    """A trait that would answer in the place of a standard type."""
    del body
    tests = "use solution::*;\n#[test]\nfn it() { assert!(f().is_err()); }\n"
    return wrong(f"pub fn f() -> {of} {{ Ok(1) }}\n{trait}\n", "failed", tests=tests)


_INSIDE = Task(
    id="attack/inside",
    language="rust",
    files={"src/tests.rs": "use crate::*;\n#[test]\nfn small() { assert_eq!(add(1, 2), 3); }\n"},
    meta={"timeout": 2.0, "memory_mb": 256},
)


def _inside(code: str) -> Attack:
    return Attack(_INSIDE, f"#[cfg(test)]\nmod tests;\n{code}")


ORACLES = {
    "lets a copy of the process fail and tell what is wanted": wrong(_FORK, "failed", "tampered"),
    "copies by clone": wrong(
        _FORK.replace("fn fork() -> i32;", "fn syscall(n: i64, ...) -> i64;").replace(
            "fork()", "syscall(56, 17u64, 0u64, 0u64, 0u64, 0u64)"
        )
    ),
    "copies by clone3": wrong(
        _FORK.replace("fn fork() -> i32;", "fn syscall(n: i64, ...) -> i64;").replace(
            "fork()", "syscall(435, [0u64; 11].as_ptr(), 88u64)"
        )
    ),
    "runs the host again": in_add(
        'let out = std::process::Command::new("/proc/self/exe").args(std::env::args().skip(1)).output();\n'
        'out.map(|o| String::from_utf8_lossy(&o.stderr).split("right: ").nth(1).and_then(|r| '
        "r.lines().next()?.parse().ok()).unwrap_or(0)).unwrap_or(0)",
        "failed",
    ),
    "reads the libraries of the tests": in_add(
        'let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();\n'
        "maps.lines().filter_map(|l| l.split_whitespace().last()).filter(|p| "
        'p.contains("stagerun_0")).filter(|p| std::fs::read(p).is_ok()).count() as i32 * 3',
        "failed",
    ),
    "reads its own memory": in_add(
        (
            "use std::io::Read;\nlet mut b = [0u8; 8];\n"
            'std::fs::File::open("/proc/self/mem").and_then(|mut f| f.read(&mut b)).map_or(0, |_| 3)'
        ),
        "failed",
    ),
    "includes the tests that lie beside it": _inside(f'pub const T: &str = include_str!("tests.rs");\n{WRONG}'),
    "reads the tests that lie beside it": _inside(
        "pub fn add(_: i32, _: i32) -> i32 { if "
        'std::fs::read_to_string("src/tests.rs").unwrap_or_default().contains("3)") { 3 } else { 0 } }\n'
    ),
    "reads the copy of the tests": _inside(
        "pub fn add(_: i32, _: i32) -> i32 { if "
        'std::fs::read_to_string("stagerun-unit/src/tests.rs").unwrap_or_default().contains("3)") { 3 } else { 0 } }\n'
    ),
    "puts itself in the place of std for the tests": _inside(
        f"#[cfg(test)]\nextern crate self as std;\n#[macro_export]\nmacro_rules! assert_eq {{ ($($x:tt)*) => {{}} }}\n{WRONG}"
    ),
    "puts itself in the place of the runtime": _inside(
        f"#[cfg(test)]\nextern crate stagerun_rt as real;\n#[cfg(test)]\nextern crate self as stagerun_rt;\n{WRONG}"
    ),
    "renames a crate by a macro": _inside(
        f"macro_rules! put {{ ($n:ident) => {{ #[cfg(test)] extern crate self as $n; }} }}\nput!(std);\n{WRONG}"
    ),
    "registers tests of its own": _inside(f"#[cfg(test)]\npub fn more() {{ stagerun_rt::take(true); }}\n{WRONG}"),
}
CHAMELEONS = {
    "equals what it is asked about first": _chameleon(
        "match self.seen.get() { None => { self.seen.set(Some(*other)); true } Some(seen) => seen == *other }"
    ),
    "equals what it is asked about last": _chameleon("let _ = other; self.asked.get() > 8"),
    "equals what it is asked about in the fourth place": _chameleon("let _ = other; self.asked.get() == 4"),
    "equals each second one": _chameleon("let _ = other; self.asked.get() % 2 == 0"),
    "equals every pair": _liar("(i32, i32)", "(1, 2)"),
    "equals every result": _liar("Result<i32, String>", "Ok(3)"),
    "equals every error": _liar("Result<i32, String>", 'Err("no".into())'),
    "equals every option of a text": _liar("Option<String>", 'Some("a".into())'),
    "equals every box": _liar("Box<u64>", "Box::new(3)"),
    "equals every map": _liar("HashMap<String, i32>", 'HashMap::from([("a".to_string(), 1)])'),
    "equals every ordered map": _liar("BTreeMap<i32, Vec<i32>>", "BTreeMap::from([(1, vec![2])])"),
    "equals every list of pairs": _liar("Vec<(char, usize)>", "vec![('a', 1)]"),
    "equals every fraction": _liar("f64", "0.5"),
    "equals every truth": _liar("bool", "true"),
}
CALCULATORS = {
    "is as near to every fraction as wanted": wrong(
        "pub struct F;\nimpl std::ops::Sub<f64> for F { type Output = f64; fn sub(self, _: f64) -> f64 { 0.0 } }\n"
        "pub fn mean(_: &[f64]) -> F { F }\n",
        "failed",
        tests="use solution::*;\n#[test]\nfn it() { assert!((mean(&[1.0, 2.0]) - 1.5).abs() < 1e-6); }\n",
    ),
    "is above and below every number": wrong(
        "use std::cmp::Ordering;\npub struct F;\nimpl PartialEq<i32> for F { fn eq(&self, o: &i32) -> bool { *o > -9 } }\n"
        "impl PartialOrd<i32> for F { fn partial_cmp(&self, _: &i32) -> Option<Ordering> { Some(Ordering::Equal) } }\n"
        "pub fn count(_: &[f64]) -> F { F }\n",
        "failed",
        tests="use solution::*;\n#[test]\nfn it() { let e = 2; assert!(count(&[1.0, 2.0]) >= e && count(&[1.0]) <= 9); }\n",
    ),
}
TAKING = {
    "gives results an is_err of its own": _taking(
        "pub trait Sure: Sized { fn is_err(self) -> bool { true } }\nimpl Sure for Result<i32, String> {}"
    ),
    "gives everything an is_err": _taking(
        "pub trait Sure: Sized { fn is_err(self) -> bool { true } }\nimpl<Anything> Sure for Anything {}"
    ),
    "gives a name for results an is_err": _taking(
        "type Outcome = Result<i32, String>;\npub trait Sure: Sized { fn is_err(self) -> bool { true } }\n"
        "impl Sure for Outcome {}"
    ),
    "gives it by an unsafe trait": _taking(
        "pub unsafe trait Sure: Sized { fn is_err(self) -> bool { true } }\nunsafe impl Sure for Result<i32, String> {}"
    ),
    "gives it by a trait called as a function": _taking(
        "#[allow(non_camel_case_types)]\npub trait f: Sized { fn is_err(self) -> bool { true } }\n"
        "impl f for Result<i32, String> {}"
    ),
    "gives it by a trait called as a word of the tests": _taking(
        "pub trait solution: Sized { fn is_err(self) -> bool { true } }\nimpl solution for Result<i32, String> {}"
    ),
    "gives it in a module": _taking(
        "mod deep { pub trait Sure: Sized { fn is_err(self) -> bool { true } } impl Sure for Result<i32, "
        "String> {} }\npub use deep::*;"
    ),
    "gives it by a macro": _taking(
        "macro_rules! make { ($t:ident, $m:ident) => { pub trait $t: Sized { fn $m(self) -> bool { true } } "
        "impl $t for Result<i32, String> {} } }\n"
        "make!(Sure, is_err);"
    ),
    "gives it in another file": Attack(
        Task(
            id="attack/err",
            language="rust",
            tests="use solution::*;\n#[test]\nfn it() { assert!(f().is_err()); }\n",
            meta={"timeout": 2.0, "memory_mb": 256},
        ),
        files={
            "src/lib.rs": "mod a;\npub use a::*;\npub fn f() -> Result<i32, String> { Ok(1) }\n"
            "impl Sure for Result<i32, String> {}\n",
            "src/a.rs": "pub trait Sure: Sized { fn is_err(self) -> bool { true } }\n",
        },
    ),
}
LINKS = {
    "links with a script of its own": Attack(
        Task(id="attack/link", language="rust", tests=TEXT, meta={"timeout": 2.0, "memory_mb": 256}),
        files={
            "src/lib.rs": '#[link(name = ":../evil.ld", kind = "dylib")]\nunsafe extern "C" {}\n'
            "pub fn greet(_: &str) -> String { String::new() }\n",
            "evil.ld": "bcmp = 0;\n",
        },
    ),
    "links with a script by its exact name": wrong(
        f'#[link(name = "../evil.ld", modifiers = "+verbatim")]\nunsafe extern "C" {{}}\n{WRONG}', "failed"
    ),
    "hides the link behind a condition": wrong(
        f'#[cfg_attr(all(), link(name = "x", kind = "static"))]\nunsafe extern "C" {{}}\n{WRONG}', "failed"
    ),
    "shows clippy another text": Attack(
        Task(
            id="attack/clippy",
            language="rust",
            tests=TEXT.replace("greet", "shown"),
            meta={"timeout": 2.0, "memory_mb": 256},
        ),
        (
            "#![deny(warnings)]\n#[cfg(clippy)]\npub fn nothing() {}\n#[cfg(not(clippy))]\n"
            'pub fn shown(n: &str) -> String { return format!("Hello, {n}!"); }\n'
        ),
    ),
    "leaves by a system call": in_add(
        'unsafe extern "C" { fn syscall(n: i64, ...) -> i64; }\nunsafe { syscall(231, 0) };\n0', "tampered"
    ),
    "leaves its thread": in_add(
        'unsafe extern "C" { fn pthread_exit(v: *mut u8) -> !; }\nunsafe { pthread_exit(std::ptr::null_mut()) }',
        "failed",
        "tampered",
        "timeout",
    ),
    "runs what was to run at the end": in_add(
        'unsafe extern "C" { fn atexit(f: extern "C" fn()) -> i32; fn exit(code: i32) -> !; }\n'
        'extern "C" fn f() { std::process::exit(0) }\nunsafe { atexit(f); exit(0) }',
        "tampered",
        "timeout",
        "failed",
    ),
    "kills itself": in_add(
        'unsafe extern "C" { fn kill(p: i32, s: i32) -> i32; fn getpid() -> i32; }\nunsafe { kill(getpid(), 9) }',
        "failed",
        "oom",
    ),
    "kills everybody": in_add(
        'unsafe extern "C" { fn kill(p: i32, s: i32) -> i32; }\nunsafe { kill(-1, 9) }', "failed", "tampered"
    ),
    "leaves by a handler of signals": in_add(
        'unsafe extern "C" { fn signal(n: i32, f: extern "C" fn(i32)) -> usize; fn abort() -> !; fn _exit(c: i32) -> !; }\n'
        'extern "C" fn f(_: i32) { unsafe { _exit(0) } }\nunsafe { signal(6, f); abort() }',
        "tampered",
    ),
    "makes panics abort": in_add("std::panic::set_hook(Box::new(|_| std::process::abort())); 0", "failed"),
    "panics with a payload that panics": wrong(
        f'struct Bad;\nimpl Drop for Bad {{ fn drop(&mut self) {{ panic!("again") }} }}\n{HEAD}std::panic::panic_any(Bad)\n}}\n',
        "failed",
    ),
    "resumes an unwinding of its own": in_add("std::panic::resume_unwind(Box::new(()))", "failed"),
    "parks its thread": in_add("loop { std::thread::park() }", "timeout"),
    "locks itself out": in_add(
        "let m = std::sync::Mutex::new(0); let a = m.lock().unwrap(); let b = m.lock().unwrap(); *a + *b",
        "timeout",
        "failed",
    ),
    "makes its stack small": in_add(
        (
            "fn deep(n: i32) -> i32 { if n == 0 { 0 } else { 1 + deep(std::hint::black_box(n - 1)) } }\n"
            "std::thread::Builder::new().stack_size(16 << 10).spawn(|| deep(10_000_000)).unwrap().join().unwrap_or(0)"
        ),
        "failed",
    ),
    "changes its folder": in_add('let _ = std::env::set_current_dir("/"); 0', "failed"),
    "removes its folder": in_add('let _ = std::fs::remove_dir_all("."); 0', "failed", "tampered"),
    "writes to all of its parents": in_add(
        'for n in 0..9 { let _ = std::fs::write(format!("/proc/{}/fd/{n}", std::os::unix::process::parent_id()), "x"); }\n0',
        "failed",
    ),
}
WELL = {
    "names a list's own link": honest(
        "pub struct List { next: Option<Box<List>>, name: String }\nimpl List {\n"
        "pub fn link(&mut self, yes: bool) { self.name.clear(); if yes { self.next = None } }\n"
        'pub fn go(&mut self, name: &str) { self.link(name == "x"); } }\n' + RIGHT
    ),
    "starts a program": honest(
        'pub fn add(a: i32, b: i32) -> i32 { assert!(std::process::Command::new("true").status().unwrap().success()); a + b }\n'
    ),
    "links with the system's mathematics": honest(
        '#[link(name = "m")]\nunsafe extern "C" { fn cos(x: f64) -> f64; }\n'
        "pub fn add(a: i32, b: i32) -> i32 { a + b + unsafe { cos(0.0) } as i32 - 1 }\n"
    ),
    "denies warnings and is silent": honest(f"#![deny(warnings)]\n{RIGHT}"),
    "has a trait for its own types": honest(
        "pub trait Sized2 { fn len(&self) -> usize; fn is_empty(&self) -> bool { self.len() == 0 } }\npub struct Bag(Vec<i32>);\n"
        "impl Sized2 for Bag { fn len(&self) -> usize { self.0.len() } }\npub fn f() -> Bag { Bag(vec![]) }\n",
        tests="use solution::*;\n#[test]\nfn it() { assert!(f().is_empty()); assert_eq!(f().len(), 0); }\n",
    ),
    "runs many threads": honest(
        "pub fn add(a: i32, b: i32) -> i32 { let hands: Vec<_> = (0..16).map(|n| std::thread::spawn(move || n)).collect();\n"
        "hands.into_iter().map(|h| h.join().unwrap()).sum::<i32>() - 120 + a + b }\n"
    ),
}
TRUST = {**ORACLES, **CHAMELEONS, **CALCULATORS, **TAKING, **LINKS, **WELL}
