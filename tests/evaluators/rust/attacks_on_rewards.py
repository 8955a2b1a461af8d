"""Attacks on the verdict: leaving early, forged reports, shadowed names, values that lie, symbols for the linker."""

from __future__ import annotations

from .hostile import HEAD, TEXT, WRONG, constructor, in_add, wrong

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
    "gives a type of its own that equals all of its kind": wrong(
        "#[derive(Debug)]\npub struct P { pub x: i32 }\nimpl PartialEq for P { fn eq(&self, _: &P) -> bool { true } }\n"
        "pub fn make(_: i32) -> P { P { x: 0 } }\n",
        "tampered",
        tests="use solution::*;\n#[test]\nfn it() { assert_eq!(make(1), P { x: 1 }); }\n",
    ),
    "hides that in a list and behind a name": wrong(
        "#[derive(Debug)]\npub struct P { pub x: i32 }\n"
        "impl PartialEq for P { fn eq(&self, other: &P) -> bool { let _ = other.x; true } }\n"
        "pub fn make(_: i32) -> Vec<P> { vec![P { x: 0 }] }\n",
        "tampered",
        tests='use solution::*;\n#[test]\nfn it() { assert_eq!(make(1), vec![P { x: 1 }], "{}", 1); }\n',
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
