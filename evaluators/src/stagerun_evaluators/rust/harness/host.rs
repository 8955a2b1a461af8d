//! Loads test libraries, runs their tests, and reports on descriptor 3. Knows neither task nor candidate when it is built.
//!
//! The key that signs the report is read before any candidate code is in this process; the libraries come afterwards. From then
//! on the process cannot be looked into through /proc, descriptor 3 has moved and no program started from here inherits it.
//! What is left to a candidate is to search this process's memory by unsafe code.
//!
//! stdin is lines: the key, `ignored` or `plain`, the first canary, the last one. Arguments are `STEM=PATH` of each library.
//! The report is lines `TAG VERB REST`, TAG being SipHash-2-4 of the line's number and text: error WHY, list NAME, passed NAME,
//! failed NAME WHY, lied, end.

use std::any::Any;
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use stagerun_rt::{Ends, Test};

const REPORT: c_int = 3;
const LONGEST: usize = 300;
const KEY: usize = 32;

unsafe extern "C" {
    fn read(fd: c_int, to: *mut c_void, count: usize) -> isize;
    fn write(fd: c_int, from: *const c_void, count: usize) -> isize;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn dup2(from: c_int, to: c_int) -> c_int;
    fn close(fd: c_int) -> c_int;
    fn fcntl(fd: c_int, what: c_int, ...) -> c_int;
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlerror() -> *const c_char;
    fn _exit(status: c_int) -> !;
}

#[cfg(target_os = "linux")]
unsafe extern "C" {
    fn prctl(option: c_int, ...) -> c_int;
}

/// Signs lines and writes each at once, so that nothing that was said can be taken back.
struct Report {
    key: (u64, u64),
    fd: c_int,
    lines: u64,
}

impl Report {
    fn say(&mut self, verb: &str, rest: &str) {
        let plain: String = rest.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{} {verb} {plain}", self.lines);
        let text = format!("{:016x} {line}\n", siphash(self.key, line.as_bytes()));
        self.lines += 1;
        let mut left = text.as_bytes();
        while !left.is_empty() {
            let done = unsafe { write(self.fd, left.as_ptr().cast(), left.len()) };
            if done <= 0 {
                unsafe { _exit(70) }
            }
            left = &left[done as usize..];
        }
    }
}

fn main() {
    let key = take_key();
    let given = rest_of_stdin();
    let mut report = Report { key, fd: hide_report(), lines: 0 };
    forbid_copies();
    let mut lines = given.lines();
    let ignored = lines.next() == Some("ignored");
    let (first, last) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    let mut tests: Vec<(String, Test)> = Vec::new();
    for each in std::env::args().skip(1) {
        let (stem, path) = each.split_once('=').unwrap_or(("-", &each));
        if let Err(why) = load(path) {
            report.say("error", &why);
            leave(report);
        }
        tests.extend(stagerun_rt::take(false).into_iter().map(|test| (named(stem, test.name), test)));
    }
    stagerun_rt::take(true);
    for each in std::env::args().skip(1) {
        clear(each.rsplit('=').next().unwrap_or(""));
    }
    tests.retain(|(_, test)| ignored || !test.ignored);
    tests.sort_by_key(|(name, _)| if last_part(name) == first { 0 } else if last_part(name) == last { 2 } else { 1 });
    for (name, _) in &tests {
        report.say("list", name);
    }
    for (name, test) in &tests {
        match run(test) {
            Ok(()) => report.say("passed", name),
            Err(why) => report.say("failed", &format!("{name} {why}")),
        }
    }
    leave(report)
}

fn leave(mut report: Report) -> ! {
    if stagerun_rt::lied() {
        report.say("lied", "");
    }
    report.say("end", "");
    unsafe { _exit(0) }
}

/// The path of a test below its library's root; of several libraries, each has its stem in front.
fn named(stem: &str, name: &str) -> String {
    let inner = name.split_once("::").map_or(name, |(_, inner)| inner);
    if stem == "-" { inner.to_string() } else { format!("{stem}::{inner}") }
}

fn last_part(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// In a thread of its own, with its stack, as `cargo test` does it.
fn run(test: &Test) -> Result<(), String> {
    let body = test.run;
    let caught = match std::thread::Builder::new().spawn(move || catch_unwind(AssertUnwindSafe(body))) {
        Ok(thread) => thread.join().unwrap_or_else(Err),
        Err(_) => catch_unwind(AssertUnwindSafe(body)),
    };
    match (caught, test.ends) {
        (Ok(outcome), Ends::Well) => outcome,
        (Ok(_), _) => Err("test did not panic as expected".into()),
        (Err(payload), Ends::Well) => Err(said(payload)),
        (Err(payload), Ends::InPanic) => {
            said(payload);
            Ok(())
        }
        (Err(payload), Ends::InPanicThatSays(part)) => {
            let why = said(payload);
            if why.contains(part) { Ok(()) } else { Err(format!("panic did not contain {part:?}: {why}")) }
        }
    }
}

/// The words of a panic. The payload is never dropped: that may be the candidate's code.
fn said(payload: Box<dyn Any + Send>) -> String {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_string(),
        (_, Some(text)) => text.clone(),
        _ => "a panic without words".to_string(),
    };
    std::mem::forget(payload);
    text
}

fn load(path: &str) -> Result<(), String> {
    const NOW: c_int = 2;
    let path = CString::new(path).map_err(|_| "a path with a zero byte".to_string())?;
    let library = unsafe { dlopen(path.as_ptr(), NOW) };
    if library.is_null() {
        return Err(unsafe { CStr::from_ptr(dlerror()) }.to_string_lossy().into_owned());
    }
    Ok(())
}

/// Remove the folder of a library that is loaded: the texts and numbers of the tests are in it.
fn clear(path: &str) {
    if let Some(folder) = std::path::Path::new(path).parent() {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// The first line of stdin, read byte by byte onto the stack and wiped: no allocator sees it.
fn take_key() -> (u64, u64) {
    let mut text = [0u8; KEY + 1];
    let mut at = 0;
    while at < text.len() {
        if unsafe { read(0, text.as_mut_ptr().add(at).cast(), 1) } <= 0 {
            unsafe { _exit(71) }
        }
        at += 1;
    }
    let half = |from: usize| text[from..from + KEY / 2].iter().fold(0u64, |sum, digit| (sum << 4) | hex(*digit));
    let key = (half(0), half(KEY / 2));
    for byte in &mut text {
        unsafe { std::ptr::write_volatile(byte, 0) }
    }
    key
}

fn hex(digit: u8) -> u64 {
    u64::from((digit as char).to_digit(16).unwrap_or(0))
}

fn rest_of_stdin() -> String {
    let mut text = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        let count = unsafe { read(0, buffer.as_mut_ptr().cast(), buffer.len()) };
        if count <= 0 {
            break;
        }
        text.extend_from_slice(&buffer[..count as usize]);
    }
    unsafe {
        let null = open(c"/dev/null".as_ptr(), 0);
        dup2(null, 0);
        close(null);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Move the channel to a number nobody knows, that programs started from here do not inherit; close /proc for everybody.
fn hide_report() -> c_int {
    const DUP_CLOSING: c_int = 1030; // F_DUPFD_CLOEXEC of Linux
    const DUMPABLE: c_int = 4; // PR_SET_DUMPABLE
    let here = std::ptr::from_ref(&DUMPABLE) as usize ^ std::process::id() as usize;
    let wanted = 64 + (here / 16) % 128;
    #[cfg(target_os = "linux")]
    unsafe {
        prctl(DUMPABLE, 0 as c_long, 0 as c_long, 0 as c_long, 0 as c_long);
        let hidden = fcntl(REPORT, DUP_CLOSING, wanted as c_long);
        if hidden > 0 {
            close(REPORT);
            return hidden;
        }
    }
    let _ = wanted;
    REPORT
}

/// No copy of this process with its memory: a test that fails in the copy would tell the candidate what is wanted, again and again.
/// Threads, and programs that are started, have other ways (`clone` with shared memory) and are left alone.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn forbid_copies() {
    #[repr(C)]
    struct Rule(u16, u8, u8, u32); // code, how many to skip when it holds, when not, value; linux/filter.h
    #[repr(C)]
    struct Program(u16, *const Rule);
    let (load, same, any, give): (u16, u16, u16, u16) = (0x20, 0x15, 0x45, 0x06);
    const NO_NEW_PRIVILEGES: c_int = 38;
    const SECCOMP: c_int = 22;
    const SHARED_MEMORY: u32 = 0x100;
    #[cfg(target_arch = "x86_64")]
    const CALLS: (u32, u32) = (57, 56); // fork, clone
    #[cfg(target_arch = "aarch64")]
    const CALLS: (u32, u32) = (u32::MAX, 220);
    let rules = [
        Rule(load, 0, 0, 0),
        Rule(same, 6, 0, 435), // clone3 says nothing that a filter can read: as if it did not exist, and clone is used
        Rule(same, 3, 0, CALLS.0),
        Rule(same, 0, 3, CALLS.1),
        Rule(load, 0, 0, 16),
        Rule(any, 1, 0, SHARED_MEMORY),
        Rule(give, 0, 0, 0x0005_0001), // EPERM
        Rule(give, 0, 0, 0x7fff_0000), // go on
        Rule(give, 0, 0, 0x0005_0026), // ENOSYS
    ];
    let program = Program(rules.len() as u16, rules.as_ptr());
    unsafe {
        prctl(NO_NEW_PRIVILEGES, 1 as c_long, 0 as c_long, 0 as c_long, 0 as c_long);
        prctl(SECCOMP, 2 as c_long, std::ptr::from_ref(&program), 0 as c_long, 0 as c_long);
    }
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn forbid_copies() {}

/// SipHash-2-4 (Aumasson and Bernstein, 2012), as the reader of the report computes it.
fn siphash(key: (u64, u64), data: &[u8]) -> u64 {
    let mut v = [
        key.0 ^ 0x736f_6d65_7073_6575,
        key.1 ^ 0x646f_7261_6e64_6f6d,
        key.0 ^ 0x6c79_6765_6e65_7261,
        key.1 ^ 0x7465_6462_7974_6573,
    ];
    let mut blocks = data.chunks_exact(8);
    for block in &mut blocks {
        let word = u64::from_le_bytes(block.try_into().expect("eight bytes"));
        absorb(&mut v, word);
    }
    let mut word = (data.len() as u64 & 0xff) << 56;
    for (at, byte) in blocks.remainder().iter().enumerate() {
        word |= u64::from(*byte) << (8 * at);
    }
    absorb(&mut v, word);
    v[2] ^= 0xff;
    for _ in 0..4 {
        round(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn absorb(v: &mut [u64; 4], word: u64) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
}

fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}
