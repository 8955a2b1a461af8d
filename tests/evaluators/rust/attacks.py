"""Hostile Rust, one attack an entry: what must come of each on every tier that can hold it, and honest code that looks like it.

Two tests, `small` and `large`, of a function `add`; other tests where an attack is on something else.
"""

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
    return Task(id=f"attack/{name}", language="rust", tests=tests, meta={"timeout": 2.0, "memory_mb": 256} | meta)


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


LEAVING = {
    "exits with success in the function": in_add("std::process::exit(0)", "tampered"),
    "exits with an error in the function": in_add("std::process::exit(1)", "failed"),
    "aborts": in_add("std::process::abort()", "failed"),
    "exits from another thread": in_add("std::thread::spawn(|| std::process::exit(0)).join().unwrap(); 0", "tampered"),
    "exits in a panic hook": in_add("std::panic::set_hook(Box::new(|_| std::process::exit(0))); 0", "tampered"),
    "exits when a result is dropped": wrong(
        "#[derive(Debug)]\npub struct Num;\nimpl PartialEq<i32> for Num { fn eq(&self, _: &i32) -> bool { true } }\n"
        "impl Drop for Num { fn drop(&mut self) { std::process::exit(0) } }\npub fn add(_: i32, _: i32) -> Num { Num }\n"
    ),
    "exits before main by a section of constructors": wrong(constructor("std::process::exit(0)"), "failed"),
    "hides the section of constructors behind cfg_attr": wrong(
        constructor("std::process::exit(0)")
        .replace("#[link_section", "#[cfg_attr(all(), link_section")
        .replace('"]', '")]'),
        "failed",
    ),
    "hands the section's attribute through a macro": wrong(
        'macro_rules! place { ($a:ident) => { #[used] #[$a = ".init_array"] static F: extern "C" fn() = f; } }\n'
        f'place!(link_section);\nextern "C" fn f() {{ std::process::exit(0) }}\n{WRONG}',
        "failed",
    ),
    "replaces itself by another program": in_add(
        'use std::os::unix::process::CommandExt;\nlet error = std::process::Command::new("/bin/true").exec();\n'
        'panic!("{error}")',
        "tampered",
    ),
    "forks and lets the child exit with success": in_add(
        'unsafe extern "C" { fn fork() -> i32; }\nif unsafe { fork() } == 0 { std::process::exit(0) }\n0',
        "failed",
        "tampered",
    ),
    "forks and lets both go on": in_add(
        'unsafe extern "C" { fn fork() -> i32; }\nunsafe { fork() };\n0', "failed", "tampered"
    ),
    "loops in a panic hook": in_add("std::panic::set_hook(Box::new(|_| loop {})); 0", "timeout"),
    "panics while it panics": wrong(
        f'pub struct Bad;\nimpl Drop for Bad {{ fn drop(&mut self) {{ panic!("again") }} '
        f'}}\n{HEAD}let _bad = Bad; panic!("once")\n}}\n',
        "failed",
    ),
    "panics with a payload that exits when dropped": in_add(
        "struct Bad; impl Drop for Bad { fn drop(&mut self) { std::process::exit(0) } }\nstd::panic::panic_any(Bad)",
        "failed",
    ),
    "overflows the stack": wrong(
        "fn deep(n: u64) -> u64 { let room = [n; 512]; if n == u64::MAX { 0 } else { "
        "deep(std::hint::black_box(n + 1)) + room[7] } }\n"
        f"{HEAD}deep(0) as i32\n}}\n",
        "failed",
    ),
}

FORGING = {
    "prints what cargo test would print": in_add(
        'println!("test small ... ok\\ntest large ... ok\\n\\ntest result: ok. 2 passed; 0 failed"); 0', "failed"
    ),
    "prints it and exits": in_add(
        'println!("test small ... ok\\ntest large ... ok"); std::process::exit(0)', "tampered"
    ),
    "writes a report to descriptor 3": in_add(
        "use std::io::Write;\nuse std::os::fd::FromRawFd;\nlet mut out = unsafe { std::fs::File::from_raw_fd(3) };\n"
        'let _ = out.write_all(b"0 list small\\n1 list large\\n2 passed small\\n3 passed large\\n4 end \\n");\n'
        "std::mem::forget(out);\nstd::process::exit(0)",
        "tampered",
    ),
    "writes a report to every descriptor": in_add(
        "use std::io::Write;\nuse std::os::fd::FromRawFd;\nfor fd in 3..256 {\n"
        "let mut out = std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(fd) });\n"
        'let _ = out.write_all(b"0000000000000000 0 passed small\\n");\n}\n0',
        "tampered",
    ),
    "closes every descriptor": in_add(
        'unsafe extern "C" { fn close(fd: i32) -> i32; }\nfor fd in 0..256 { unsafe { close(fd) }; }\n0',
        "failed",
        "tampered",
    ),
    "looks for the key in stdin": in_add(
        'let text = std::io::read_to_string(std::io::stdin()).unwrap();\nassert_eq!(text, "");\n0', "failed"
    ),
    "hands the channel to a program it starts": in_add(
        'let _ = std::process::Command::new("sh").args(["-c", "for f in 3 4 5 6 7 8 9; do echo passed small >&$f; done"])'
        ".status(); 0",
        "failed",
    ),
}

SHADOWING = {
    "exports its own assert_eq": wrong(
        f"#[macro_export]\nmacro_rules! assert_eq {{ ($($x:tt)*) => {{}} }}\n{WRONG}", "failed"
    ),
    "exports its own assert": wrong(
        f"#[macro_export]\nmacro_rules! assert {{ ($($x:tt)*) => {{}} }}\n{WRONG}",
        "failed",
        tests="use solution::*;\n#[test]\nfn small() { assert!(add(1, 2) == 3); }\n",
    ),
    "exports another macro under the name assert_eq": wrong(
        f"#[macro_export]\nmacro_rules! nothing {{ ($($x:tt)*) => {{}} }}\npub use nothing as assert_eq;\n{WRONG}",
        "failed",
    ),
    "exports its own String": wrong(
        "#[derive(Debug, PartialEq)]\npub struct String;\nimpl String { pub fn from(_: &str) -> String { String } }\n"
        "pub fn greet(_: &str) -> String { String }\n",
        "failed",
        tests=TEXT,
    ),
    "exports its own Some": wrong(
        "#[allow(non_snake_case)]\npub fn Some<T>(_: T) -> Option<u8> { None }\npub fn f() -> Option<u8> { None }\n",
        "failed",
        tests="use solution::*;\n#[test]\nfn it() { assert_eq!(f(), Some(1)); }\n",
    ),
    "exports a module called std": wrong(
        "pub mod std { pub mod cmp { pub fn max(_: i32, _: i32) -> i32 { 0 } } }\npub fn f() -> i32 { 0 }\n",
        "failed",
        tests="use solution::*;\n#[test]\nfn it() { assert_eq!(f(), std::cmp::max(1, 2)); }\n",
    ),
    "exports its own i32": wrong(
        "#[derive(Debug, Clone, Copy)]\n#[allow(non_camel_case_types)]\npub struct i32;\npub fn f() -> u8 { 0 }\n"
        "impl i32 { pub const MAX: u8 = 0; }\n",
        "failed",
        tests="use solution::*;\n#[test]\nfn it() { assert_eq!(f() as i32, i32::MAX); }\n",
    ),
    "gives lists a method that the tests call": wrong(
        "pub trait Has { fn contains(&self, _: &i32) -> bool { true } }\nimpl Has for Vec<i32> {}\n"
        "pub fn f() -> Vec<i32> { Vec::new() }\n",
        "failed",
        "tampered",
        tests="use solution::*;\n#[test]\nfn it() { assert!(f().contains(&5)); }\n",
    ),
}

LYING = {
    "gives a number that equals every number": wrong(
        "#[derive(Debug)]\npub struct Any;\nimpl PartialEq<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }\n"
        "pub fn add(_: i32, _: i32) -> Any { Any }\n",
        "tampered",
    ),
    "gives a text that equals every text": wrong(
        "#[derive(Debug)]\npub struct Any;\nimpl PartialEq<String> for Any { fn eq(&self, _: &String) -> bool { true } }\n"
        "pub fn greet(_: &str) -> Any { Any }\n",
        "tampered",
        tests=TEXT,
    ),
    "makes numbers equal to its own type": wrong(
        "#[derive(Debug)]\npub struct Any;\nimpl PartialEq<Any> for i32 { fn eq(&self, _: &Any) -> bool { true } }\n"
        "pub fn add(_: i32, _: i32) -> Any { Any }\n",
        "tampered",
        tests="use solution::*;\n#[test]\nfn small() { assert_eq!(3, add(1, 2)); }\n",
    ),
    "hides the liar in a list": wrong(
        "#[derive(Debug, Clone)]\npub struct Any;\nimpl PartialEq<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }\n"
        "pub fn f() -> Vec<Any> { vec![Any; 3] }\n",
        "tampered",
        tests="use solution::*;\n#[test]\nfn it() { assert_eq!(f(), vec![1, 2, 3]); }\n",
    ),
    "renames the trait it lies with": wrong(
        "use std::cmp::PartialEq as Same;\n#[derive(Debug)]\npub struct Any;\n"
        "impl Same<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }\npub fn add(_: i32, _: i32) -> Any { Any }\n",
        "tampered",
    ),
    "lies in an assertion of a comparison": wrong(
        "#[derive(Debug)]\npub struct Any;\nimpl PartialEq<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }\n"
        "pub fn add(_: i32, _: i32) -> Any { Any }\n",
        "tampered",
        tests="use solution::*;\n#[test]\nfn small() { assert!(add(1, 2) == 3); }\n",
    ),
}

LINKING = {
    "defines memcmp": wrong(
        f'#[no_mangle]\npub extern "C" fn memcmp(_: *const u8, _: *const u8, _: usize) -> i32 {{ 0 }}\n{WRONG}',
        "failed",
    ),
    "defines bcmp under another name": wrong(
        f'#[export_name = "bcmp"]\npub extern "C" fn same(_: *const u8, _: *const u8, _: usize) -> i32 {{ 0 }}\n{WRONG}',
        "failed",
    ),
    "defines write in the newest form": wrong(
        f'#[unsafe(no_mangle)]\npub extern "C" fn write(_: i32, _: *const u8, n: usize) -> usize {{ n }}\n{WRONG}',
        "failed",
    ),
    "defines main": wrong(f'#[no_mangle]\npub extern "C" fn main() -> i32 {{ 0 }}\n{WRONG}', "failed"),
    "says no_main": wrong(f"#![no_main]\n{WRONG}", "failed"),
    "writes assembly for the whole program": wrong(
        f'std::arch::global_asm!(".globl memcmp", "memcmp:", "ret");\n{WRONG}', "failed"
    ),
    "returns from its caller by assembly": in_add(
        'unsafe { std::arch::asm!("mov rsp, rbp", "pop rbp", "ret", options(noreturn)) }', "failed"
    ),
    "brings its own panic handler": wrong(
        f"#![no_std]\nuse core::panic::PanicInfo;\n#[panic_handler]\nfn never(_: &PanicInfo) -> ! {{ loop {{}} }}\n{WRONG}",
        "failed",
    ),
    "asks for a nightly feature": wrong(f"#![feature(test)]\nextern crate test;\n{WRONG}", "failed"),
    "asks for the runtime of the tests": wrong(f"extern crate stagerun_rt;\n{WRONG}", "failed"),
}

FILES = {
    "brings a build script": Attack(
        task(),
        files={"src/lib.rs": WRONG, "build.rs": "fn main() { std::process::exit(1) }", "Cargo.toml": "nonsense"},
        verdicts=("failed",),
    ),
    "brings configuration for cargo": Attack(
        task(),
        files={"src/lib.rs": RIGHT, ".cargo/config.toml": "[build]\nrustc = '/bin/false'", "rust-toolchain": "nightly"},
        verdicts=("passed",),
        earned=BOTH,
    ),
    "brings a Cargo.toml that needs the network": Attack(
        task(),
        files={"src/lib.rs": RIGHT, "Cargo.toml": '[package]\nname = "x"\n[dependencies]\nrand = "*"'},
        verdicts=("passed",),
        earned=BOTH,
    ),
    "brings tests of its own": Attack(
        task(),
        files={"src/lib.rs": WRONG, "tests/solution.rs": "#[test]\nfn small() {}\n#[test]\nfn large() {}\n"},
        verdicts=("failed",),
    ),
    "writes tests into its own source": wrong(
        f"{WRONG}#[cfg(test)]\nmod tests {{ #[test] fn small() {{}} #[test] fn large() {{}} }}\n", "failed"
    ),
    "includes the tests": wrong(f'const TESTS: &str = include_str!("../tests/solution.rs");\n{WRONG}', "failed"),
    "includes a file of the machine": wrong(f'pub const USERS: &str = include_str!("/etc/passwd");\n{RIGHT}', "failed"),
    "includes a file above its folder": wrong(
        f'pub const A: &[u8] = include_bytes!("../../../etc/passwd");\n{RIGHT}', "failed"
    ),
    "includes a file by a name that is put together": wrong(
        f'pub const A: &str = include_str!(concat!("/etc", "/passwd"));\n{RIGHT}', "failed"
    ),
    "takes code from a file outside": wrong(f'#[path = "/etc/passwd"]\nmod users;\n{RIGHT}', "failed"),
    "lays a file outside": Attack(task(), files={"src/lib.rs": RIGHT, "../escape.rs": "x"}, verdicts=("tampered",)),
    "changes its source while it runs": in_add(
        'let _ = std::fs::remove_file("src/lib.rs"); let _ = std::fs::write("src/lib.rs", "x"); 0', "failed", "tampered"
    ),
    "changes the tests while it runs": in_add(
        'let _ = std::fs::remove_file("tests/solution.rs"); let _ = std::fs::write("tests/solution.rs", "x"); 0',
        "failed",
        "tampered",
    ),
    "reads the expected results from the tests": in_add(
        'let text = std::fs::read_to_string("tests/solution.rs").unwrap_or_default();\n'
        'if text.contains("assert_eq!(add(1, 2), 3)") { 3 } else { 0 }',
        "failed",
        "tampered",
    ),
    "writes the file of rewards": in_add('let _ = std::fs::write("reward.txt", "1.0"); 0', "failed"),
    "silences every lint": honest(f"#![allow(clippy::all)]\n{RIGHT}"),
}

COMPILING = {
    "evaluates a constant for ever": wrong(
        f"#![allow(long_running_const_eval)]\nconst BOMB: u64 = {{ let mut n = 0u64; loop {{ n = "
        f"n.wrapping_add(1); if n == u64::MAX {{ break n }} }} }};\n"
        f"pub static B: u64 = BOMB;\n{WRONG}",
        "failed",
        "timeout",
    ),
    "expands a macro without end": wrong(
        f'#![recursion_limit = "1000000"]\nmacro_rules! more {{ ($($x:tt)*) => {{ more!($($x)* '
        f"$($x)* x) }} }}\nmore!(x);\n{WRONG}",
        "failed",
        "timeout",
        "oom",
    ),
    "nests a type without end": wrong(
        "pub trait T { fn go(n: u32) -> u32; }\nimpl<A> T for Option<A> { fn go(n: u32) -> u32 "
        "{ if n == 0 { 0 } else { <Option<Option<A>> as T>::go(n - 1) } } }\n"
        "pub fn start() -> u32 { <Option<u8> as T>::go(5) }\n" + WRONG,
        "failed",
        "timeout",
        "oom",
    ),
    "fills a static with a gigabyte": wrong(f"pub static BIG: [u8; 1 << 30] = [7; 1 << 30];\n{WRONG}", *ENDED),
    "does not compile": wrong("pub fn add(a: i32, b: i32) -> i32 { a + }", "failed"),
    "closes a brace too many": wrong(f"{WRONG}}}", "failed"),
    "leaves a comment open": wrong(f"{WRONG}/* never", "failed"),
    "is not Rust": wrong("def add(a, b): return a + b", "failed"),
    "warns ten thousand times": Attack(
        task(), RIGHT + "".join(f"fn unused_{n}() {{}}\n" for n in range(3000)), verdicts=("passed",), earned=BOTH
    ),
}

RESOURCES = {
    "loops for ever": in_add("loop { std::hint::black_box(0); }", "timeout"),
    "sleeps for ever": in_add("std::thread::sleep(std::time::Duration::from_secs(10_000)); 0", "timeout"),
    "ignores the signals that end it": in_add(
        'unsafe extern "C" { fn signal(number: i32, action: usize) -> usize; }\n'
        "for number in 1..32 { unsafe { signal(number, 1) }; }\nloop { std::hint::black_box(0); }",
        "timeout",
    ),
    "takes ten gigabytes": in_add(
        "let mut all = Vec::new(); for _ in 0..10_000 { all.push(vec![1u8; 1 << 20]); } all.len() as i32",
        "oom",
        "failed",
    ),
    "takes ten gigabytes at once": in_add("let all = vec![1u8; 10 << 30]; i32::from(all[77])", "oom", "failed"),
    "prints for ever": in_add('loop { println!("{}", "x".repeat(10_000)); }', "timeout"),
    "prints three hundred kilobytes": honest(
        'pub fn add(a: i32, b: i32) -> i32 { for _ in 0..300 { println!("{}", "x".repeat(1000)); } a + b }\n'
    ),
    "reads stdin": honest(
        "pub fn add(a: i32, b: i32) -> i32 { let mut line = String::new(); std::io::stdin().read_line(&mut line).unwrap();"
        " a + b + line.len() as i32 }\n"
    ),
    "forks without end": in_add('unsafe extern "C" { fn fork() -> i32; }\nloop { unsafe { fork() }; }', *ENDED),
    "starts threads without end": in_add(
        "loop { if std::thread::Builder::new().spawn(|| loop { std::thread::park() }).is_err() { return 0 } }", *ENDED
    ),
    "leaves a thread that never ends": honest(
        "pub fn add(a: i32, b: i32) -> i32 { std::thread::spawn(|| loop { std::thread::park() }); a + b }\n"
    ),
    "leaves a process in a session of its own": honest(
        'unsafe extern "C" { fn fork() -> i32; fn setsid() -> i32; }\npub fn add(a: i32, b: i32) -> i32 {\n'
        "if unsafe { fork() } == 0 { unsafe { setsid() }; std::thread::sleep(std::time::Duration::from_secs(1000));"
        " std::process::abort() }\na + b }\n"
    ),
    "fills the disk": in_add(
        "use std::io::Write;\nlet block = vec![0u8; 1 << 20];\nfor n in 0..100_000 {\n"
        'if let Ok(mut file) = std::fs::File::create(format!("fill{n}")) { for _ in 0..64 { if '
        "file.write_all(&block).is_err() { break } } }\n"
        "else { break } }\n0",
        *ENDED,
    ),
    "closes its output": honest(
        'unsafe extern "C" { fn close(fd: i32) -> i32; }\npub fn add(a: i32, b: i32) -> i32 '
        "{ unsafe { close(1); close(2); } a + b }\n"
    ),
}

ESCAPING = {
    "opens a connection": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { std::net::TcpStream::connect_timeout(&"1.1.1.1:53".parse().unwrap(), '
        "std::time::Duration::from_millis(300)).is_ok() }\n",
        "landlock",
    ),
    "sends a datagram": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { std::net::UdpSocket::bind("0.0.0.0:0").and_then(|s| '
        's.send_to(b"x", "1.1.1.1:53")).is_ok() }\n',
        "landlock",
    ),
    "writes outside its folder": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { ["/etc/x", "/usr/x", "/var/x"].iter().any(|p| std::fs::write(p, "x").is_ok()) }\n',
        "landlock",
    ),
    "reads the secrets of the environment": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { std::env::vars().any(|(name, _)| name.contains("TOKEN") || name.contains("SECRET")) }\n',
        "limits",
    ),
    "reads the environment of its parent": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { std::fs::read(format!("/proc/{}/environ", std::os::unix::process::parent_id()))'
        '.is_ok_and(|b| b.windows(5).any(|w| w == b"TOKEN")) }\n',
        "limits",
    ),
    "opens its own descriptors through /proc": refused(
        "assert!(!reached());",
        "pub fn reached() -> bool { (3..256).any(|n| std::fs::OpenOptions::new().write(true)"
        '.open(format!("/proc/self/fd/{n}")).is_ok()) }\n',
        "landlock",
    ),
    "rewrites its own memory through /proc": refused(
        "assert!(!reached());",
        'pub fn reached() -> bool { std::fs::OpenOptions::new().write(true).open("/proc/self/mem").is_ok() }\n',
        "landlock",
    ),
}

LOOKALIKES = {
    "uses unsafe honestly": honest("pub fn add(a: i32, b: i32) -> i32 { unsafe { *std::ptr::from_ref(&(a + b)) } }\n"),
    "speaks of attacks in comments and texts": honest(
        f'//! Not #[no_mangle], nor link_section; include_str!("/etc/passwd") neither.\n/* asm!() /* nested */ */\n'
        f'pub const SAID: &str = "std::process::exit(0) #[link_section] {{";\npub const RAW: &str = r#"" #[no_mangle]"#;\n{RIGHT}'
    ),
    "writes its own comparison": honest(
        "#[derive(Debug, Clone, Copy)]\npub struct Num(i32);\nimpl PartialEq<i32> for Num { fn "
        "eq(&self, o: &i32) -> bool { self.0 == *o } }\n"
        "pub fn add(a: i32, b: i32) -> Num { Num(a + b) }\n"
    ),
    "calls a C function": honest(
        'unsafe extern "C" { fn abs(n: i32) -> i32; }\npub fn add(a: i32, b: i32) -> i32 { unsafe { abs(a + b) } }\n'
    ),
    "has lifetimes and characters that look like quotes": honest(
        "pub fn first<'a>(text: &'a str, _: &str) -> &'a str { text }\npub const Q: char = '\"';\npub const B: u8 = b'\\'';\n"
        + RIGHT
    ),
    "sets a panic hook": honest(
        "pub fn add(a: i32, b: i32) -> i32 { std::panic::set_hook(Box::new(|_| {})); a + b }\n"
    ),
    "catches its own panic": honest(
        'pub fn add(a: i32, b: i32) -> i32 { std::panic::catch_unwind(|| panic!("x")).map_or(a + b, |()| 0) }\n'
    ),
    "exports a type called Result": honest(f"pub type Result<T> = std::result::Result<T, String>;\n{RIGHT}"),
    "has tests of its own": honest(
        f"{RIGHT}#[cfg(test)]\nmod tests {{ use super::*; #[test] fn t() {{ assert_eq!(add(1, 1), 2); }} }}\n"
    ),
    "counts allocations": honest(
        "use std::alloc::{GlobalAlloc, Layout, System};\npub struct Count;\nunsafe impl GlobalAlloc for Count {\n"
        "unsafe fn alloc(&self, l: Layout) -> *mut u8 { unsafe { System.alloc(l) } }\n"
        "unsafe fn dealloc(&self, p: *mut u8, l: Layout) { unsafe { System.dealloc(p, l) } }\n}\n" + RIGHT
    ),
}

ATTACKS: dict[str, Attack] = {
    **LEAVING,
    **FORGING,
    **SHADOWING,
    **LYING,
    **LINKING,
    **FILES,
    **COMPILING,
    **RESOURCES,
    **ESCAPING,
    **LOOKALIKES,
}
