"""Honest Rust that looks unusual: two numbers are added in every way there is, own comparisons included. "
"All must pass."""

from __future__ import annotations

from attacks import Attack

from .hostile import honest


def adding(body: str, before: str = "") -> Attack:
    """An `add` with this body."""
    return honest(f"{before}\npub fn add(a: i32, b: i32) -> i32 {{\n{body}\n}}\n")


def comparing(code: str, test: str) -> Attack:
    """Code of which one test asks something."""
    return honest(code, tests=f"use solution::*;\n#[test]\nfn it() {{ {test} }}\n")


_FRACTION = """
#[derive(Debug, Clone, Copy, Eq)]
pub struct Ratio { a: i64, b: i64 }
impl Ratio { pub fn new(a: i64, b: i64) -> Ratio { Ratio { a, b } } }
impl PartialEq for Ratio { fn eq(&self, o: &Ratio) -> bool { self.a * o.b == self.b * o.a } }
"""
_SET = """
#[derive(Debug, Clone)]
pub struct Bag<T>(Vec<T>);
impl<T: PartialEq + Clone> Bag<T> {
    pub fn new(of: &[T]) -> Self { Bag(of.to_vec()) }
    pub fn is_empty(&self) -> bool { self.0.is_empty() }
    pub fn contains(&self, one: &T) -> bool { self.0.contains(one) }
}
impl<T: PartialEq> PartialEq for Bag<T> {
    fn eq(&self, other: &Self) -> bool { self.0.len() == other.0.len() && self.0.iter().all(|x| other.0.contains(x)) }
}
"""
_TEXT = """
#[derive(Debug, Clone)]
pub struct Word(String);
impl Word { pub fn new(s: &str) -> Word { Word(s.to_string()) } }
impl PartialEq for Word { fn eq(&self, o: &Word) -> bool { self.0.to_lowercase() == o.0.to_lowercase() } }
impl PartialEq<str> for Word { fn eq(&self, o: &str) -> bool { self.0 == o } }
impl PartialEq<&str> for Word { fn eq(&self, o: &&str) -> bool { self.0 == *o } }
impl PartialEq<String> for Word { fn eq(&self, o: &String) -> bool { &self.0 == o } }
"""
UNUSUAL = {
    "adds in a thread": adding("std::thread::spawn(move || a + b).join().unwrap()"),
    "adds in a scope of threads": adding(
        "std::thread::scope(|s| { let x = s.spawn(|| a); let y = s.spawn(|| b); x.join().unwrap() + "
        "y.join().unwrap() })"
    ),
    "adds through a channel": adding(
        "let (to, from) = std::sync::mpsc::channel(); std::thread::spawn(move || { to.send(a).unwrap(); "
        "to.send(b).unwrap(); }); from.iter().sum()"
    ),
    "adds under a lock": adding(
        "let sum = std::sync::Arc::new(std::sync::Mutex::new(a)); *sum.lock().unwrap() += b; let n = "
        "*sum.lock().unwrap(); n"
    ),
    "adds atomically": adding(
        "use std::sync::atomic::{AtomicI32, Ordering}; static S: AtomicI32 = AtomicI32::new(0); "
        "S.load(Ordering::Relaxed) + a + b"
    ),
    "adds once": adding(
        "use std::sync::OnceLock; static Z: OnceLock<i32> = OnceLock::new(); Z.get_or_init(|| 0) + a + b"
    ),
    "adds in a thread's own cell": adding(
        "thread_local! { static N: std::cell::Cell<i32> = const { std::cell::Cell::new(0) }; } N.with(|n| { "
        "n.set(a); n.get() + b })"
    ),
    "adds in a shared cell": adding(
        "let c = std::rc::Rc::new(std::cell::RefCell::new(a)); *c.borrow_mut() += b; let n = *c.borrow(); n"
    ),
    "adds by weak pointers": adding(
        "let r = std::rc::Rc::new(a); let w = std::rc::Rc::downgrade(&r); *w.upgrade().unwrap() + b"
    ),
    "adds by a trait": adding(
        "a.plus(b)",
        "trait Plus { fn plus(self, o: Self) -> Self; } impl Plus for i32 { fn plus(self, o: i32) -> i32 { self + "
        "o } }",
    ),
    "adds by a trait object": adding("let f: Box<dyn Fn(i32) -> i32> = Box::new(move |x| x + a); f(b)"),
    "adds by generics": adding(
        "sum([a, b])", "fn sum<T: Copy + std::iter::Sum, const N: usize>(all: [T; N]) -> T { all.into_iter().sum() }"
    ),
    "adds by associated types": adding(
        "<Plain as Adder>::go(a, b)",
        "trait Adder { type N; fn go(a: Self::N, b: Self::N) -> Self::N; } struct Plain; impl Adder for Plain { "
        "type N = i32; fn go(a: i32, b: i32) -> i32 { a + b } }",
    ),
    "adds by operators of its own": adding(
        "(N(a) + N(b)).0",
        "struct N(i32); impl std::ops::Add for N { type Output = N; fn add(self, o: N) -> N { N(self.0 + o.0) } }",
    ),
    "adds by deref": adding(
        "*W(a) + *W(b)",
        "struct W(i32); impl std::ops::Deref for W { type Target = i32; fn deref(&self) -> &i32 { &self.0 } }",
    ),
    "adds by an index": adding(
        "T([a, b])[0] + T([a, b])[1]",
        "struct T([i32; 2]); impl std::ops::Index<usize> for T { type Output = i32; fn index(&self, n: usize) -> "
        "&i32 { &self.0[n] } }",
    ),
    "adds when dropped": adding(
        "let mut n = 0; { let _d = D(&mut n, a + b); } n",
        "struct D<'a>(&'a mut i32, i32); impl Drop for D<'_> { fn drop(&mut self) { *self.0 = self.1 } }",
    ),
    "adds by an iterator of its own": adding(
        "Two(vec![a, b]).sum()",
        "struct Two(Vec<i32>); impl Iterator for Two { type Item = i32; fn next(&mut self) -> Option<i32> { "
        "self.0.pop() } }",
    ),
    "adds by folding": adding("[a, b].iter().copied().fold(0, |x, y| x + y)"),
    "adds by peeking": adding(
        "let mut i = [a, b].into_iter().peekable(); let x = *i.peek().unwrap(); i.next(); x + i.next().unwrap()"
    ),
    "adds by a heap": adding(
        "let mut h = std::collections::BinaryHeap::from([a, b]); h.pop().unwrap() + h.pop().unwrap()"
    ),
    "adds by maps": adding("let m = std::collections::HashMap::from([(0, a), (1, b)]); m.values().sum()"),
    "adds by a tree": adding(
        "let t = std::collections::BTreeMap::from([(0, a), (1, b)]); t.range(..).map(|(_, v)| v).sum()"
    ),
    "adds by texts": adding("let s = format!(\"{a} {b}\"); s.split(' ').map(|x| x.parse::<i32>().unwrap()).sum()"),
    "adds by macros": adding(
        "sum!(a, b)", "macro_rules! sum { ($x:expr) => { $x }; ($x:expr, $($r:expr),+) => { $x + sum!($($r),+) } }"
    ),
    "adds by recursion": adding("if b == 0 { a } else { add(a + b.signum(), b - b.signum()) }"),
    "adds bit by bit": adding("let (mut a, mut b) = (a, b); while b != 0 { (a, b) = (a ^ b, (a & b) << 1); } a"),
    "adds at compile time": adding(
        "const fn plus(a: i32, b: i32) -> i32 { a + b } const Z: i32 = plus(2, -2); Z + plus(a, b)"
    ),
    "adds by raw pointers": adding("let (p, q) = (&raw const a, &raw const b); unsafe { *p + *q }"),
    "adds by a union": adding("#[repr(C)] union U { i: i32, u: u32 } let u = U { i: a }; unsafe { u.u as i32 + b }"),
    "adds by transmuting": adding("let x: u32 = unsafe { std::mem::transmute(a) }; x as i32 + b"),
    "adds in memory of its own": adding(
        "use std::alloc::*; let l = Layout::new::<i32>(); unsafe { let p = alloc(l).cast::<i32>(); *p = a; let n "
        "= *p + b; dealloc(p.cast(), l); n }"
    ),
    "leaks a number": adding("*Box::leak(Box::new(a)) + b"),
    "adds in place that is not set yet": adding(
        "let mut m = std::mem::MaybeUninit::uninit(); m.write(a); unsafe { m.assume_init() + b }"
    ),
    "keeps its place by pinning": adding("let p = Box::pin(a); *p + b"),
    "waits for a future": adding(
        "use std::future::Future; use std::task::*; let mut f = std::pin::pin!(async { a + b }); match "
        "f.as_mut().poll(&mut Context::from_waker(Waker::noop())) { Poll::Ready(n) => n, _ => 0 }"
    ),
    "catches a panic of a thread": adding('std::thread::spawn(|| panic!("x")).join().unwrap_err(); a + b'),
    "overflows and knows it": adding("i32::MAX.checked_add(1).map_or(a.wrapping_add(b), |_| 0)"),
    "matches in every way": adding(
        "match (a, b) { (0, n) | (n, 0) => n, (x @ 1..=9, y) => x + y, (x, y) if x > 9 => x + y, (x, y) => x + y }"
    ),
    "leaves labelled loops": adding("let n = 'out: { loop { break 'out a + b } }; n"),
    "asks with let and else": adding("let Some(n) = a.checked_add(b) else { return 0 }; n"),
    "writes and reads a file": adding(
        'std::fs::write("n", a.to_string()).unwrap(); std::fs::read_to_string("n").unwrap().parse::<i32>().unwrap() + b'
    ),
    "reads a line of nothing": adding("use std::io::BufRead; std::io::stdin().lock().lines().count() as i32 + a + b"),
    "waits a little": adding(
        "std::thread::sleep(std::time::Duration::from_millis(1)); let t = std::time::Instant::now(); if "
        "t.elapsed().as_secs() > 60 { 0 } else { a + b }"
    ),
    "is said in names that are not English": adding("let сумма = a + b; сумма"),
    "is said in raw names": adding("let r#match = a; r#match + b"),
    "has modules": adding(
        "deep::er::plus(a, b)",
        "mod deep { pub mod er { pub fn plus(a: i32, b: i32) -> i32 { super::zero() + a + b } } fn zero() -> i32 "
        "{ 0 } }",
    ),
    "has errors of its own": adding(
        "f(a, b).unwrap()",
        "#[derive(Debug)] enum E { Bad(String) } impl std::fmt::Display for E { fn fmt(&self, f: &mut "
        'std::fmt::Formatter<\'_>) -> std::fmt::Result { match self { E::Bad(s) => write!(f, "{s}") } } } impl '
        "std::error::Error for E {} fn f(a: i32, b: i32) -> Result<i32, Box<dyn std::error::Error>> { if a == "
        '1000 { Err(E::Bad("x".into()))? } Ok(a + b) }',
    ),
    "sorts by an order of its own": adding(
        "let mut v = vec![K(b), K(a)]; v.sort(); v[0].0 + v[1].0",
        "#[derive(PartialEq, Eq)] struct K(i32); impl PartialOrd for K { fn partial_cmp(&self, o: &K) -> "
        "Option<std::cmp::Ordering> { Some(self.cmp(o)) } } impl Ord for K { fn cmp(&self, o: &K) -> "
        "std::cmp::Ordering { o.0.cmp(&self.0) } }",
    ),
    "hashes in a way of its own": adding(
        "std::collections::HashSet::from([H(a), H(b), H(a)]).len() as i32 - 2 + a + b",
        "#[derive(PartialEq, Eq)] struct H(i32); impl std::hash::Hash for H { fn hash<S: "
        "std::hash::Hasher>(&self, s: &mut S) { (self.0 % 2).hash(s) } }",
    ),
    "has a type that calculates with numbers, for itself": adding(
        "(unit() * 2 - a).0 - 2 + a + a + b",
        "pub struct M(i32);\nimpl std::ops::Mul<i32> for M { type Output = M; fn mul(self, n: i32) -> M { "
        "M(self.0 * n) } }\n"
        "impl std::ops::Sub<i32> for M { type Output = M; fn sub(self, n: i32) -> M { M(self.0 - n) } }\n"
        "pub fn unit() -> M { M(1) }",
    ),
    "compares fractions": comparing(
        _FRACTION, "assert_eq!(Ratio::new(1, 2), Ratio::new(2, 4)); assert_ne!(Ratio::new(1, 2), Ratio::new(2, 3));"
    ),
    "compares sets without order": comparing(
        _SET,
        "assert_eq!(Bag::new(&[1, 2]), Bag::new(&[2, 1])); assert!(Bag::<i32>::new(&[]).is_empty()); "
        'assert!(Bag::new(&["a"]).contains(&"a"));',
    ),
    "compares words without case": comparing(
        _TEXT,
        'assert_eq!(Word::new("Ann"), Word::new("ANN")); assert_eq!(Word::new("Ann"), *"Ann"); '
        'assert_eq!(Word::new("a"), "a"); assert_eq!(Word::new(""), String::new());',
    ),
    "compares numbers that are close": comparing(
        "#[derive(Debug)] pub struct F(f64); impl F { pub fn new(x: f64) -> F { F(x) } } impl PartialEq<f64> for "
        "F { fn eq(&self, o: &f64) -> bool { (self.0 - o).abs() < 1e-9 } }",
        "assert_eq!(F::new(0.1 + 0.2), 0.3); assert_eq!(F::new(1e300), 1e300);",
    ),
    "compares by a derived order": comparing(
        "#[derive(Debug, PartialEq, PartialOrd, Eq, Ord, Clone, Copy, Hash)] pub enum E { A, B }",
        "assert!(E::A < E::B); assert_eq!(E::A.max(E::B), E::B); assert_eq!(Some(E::A), Some(E::A));",
    ),
    "compares what cannot be written out": comparing(
        "pub struct Q(i32); impl PartialEq<i32> for Q { fn eq(&self, o: &i32) -> bool { self.0 == *o } } pub fn "
        "q() -> Q { Q(3) }",
        "assert!(q() == 3); assert!(q() != 4);",
    ),
    "compares results and lists of its own": comparing(
        "#[derive(Debug)] pub struct P(pub i32); impl PartialEq for P { fn eq(&self, o: &P) -> bool { self.0 == "
        "o.0 } } pub fn f() -> Result<Vec<P>, String> { Ok(vec![P(1)]) }",
        'assert_eq!(f(), Ok(vec![P(1)])); assert_ne!(f(), Err("x".to_string())); assert_eq!(f().unwrap().len(), 1);',
    ),
    "counts how often it is compared": comparing(
        "use std::cell::Cell; #[derive(Debug)] pub struct C(pub i32, Cell<u32>); pub fn c() -> C { C(3, "
        "Cell::new(0)) } impl PartialEq<i32> for C { fn eq(&self, o: &i32) -> bool { self.1.set(self.1.get() + "
        "1); self.0 == *o } }",
        'let x = c(); assert_eq!(x, 3); assert_eq!(x, 3, "with {}", 1);',
    ),
}
