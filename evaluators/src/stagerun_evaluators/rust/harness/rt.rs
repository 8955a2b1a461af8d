//! What a task's tests are linked with: a list of tests, how a test's outcome is read, and comparisons that liars do not survive.
//!
//! Built once as a shared library, so that the host and every test library have the same list. The candidate is compiled
//! before and without it. Signing and reporting are the host's; nothing secret is ever here.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash, Hasher};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a test must end.
#[derive(Clone, Copy)]
pub enum Ends {
    Well,
    InPanic,
    InPanicThatSays(&'static str),
}

/// One test of a task.
pub struct Test {
    pub name: &'static str,
    pub ignored: bool,
    pub ends: Ends,
    pub run: fn() -> Result<(), String>,
}

static TESTS: Mutex<Vec<Test>> = Mutex::new(Vec::new());
static CLOSED: AtomicBool = AtomicBool::new(false);
static LIES: AtomicBool = AtomicBool::new(false);

/// Called by a test library while it is loaded, once for each test.
pub fn register(name: &'static str, ignored: bool, ends: Ends, run: fn() -> Result<(), String>) {
    if !CLOSED.load(Ordering::SeqCst) {
        TESTS.lock().unwrap().push(Test { name, ignored, ends, run });
    }
}

/// Every test registered since the last call; with `last`, none is taken any more.
pub fn take(last: bool) -> Vec<Test> {
    CLOSED.store(last, Ordering::SeqCst);
    std::mem::take(&mut *TESTS.lock().unwrap())
}

/// Whether a comparison met a value that equals what it cannot equal.
pub fn lied() -> bool {
    LIES.load(Ordering::SeqCst)
}

/// What a test function may return.
pub trait Outcome {
    fn outcome(self) -> Result<(), String>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), String> {
        Ok(())
    }
}

impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn outcome(self) -> Result<(), String> {
        match self {
            Ok(value) => value.outcome(),
            Err(error) => Err(format!("Error: {error:?}")),
        }
    }
}

impl Outcome for ExitCode {
    fn outcome(self) -> Result<(), String> {
        if self == ExitCode::SUCCESS { Ok(()) } else { Err(format!("{self:?}")) }
    }
}

/// A value of the same type that is different and looks as likely, where there is one: not of an empty list. By chance, so that a
/// value that answers differently from one question to the next does not know which question counts.
pub trait Other: Sized {
    fn other(&self) -> Option<Self>;
}

/// Less than `limit`.
pub fn chance(limit: u64) -> u64 {
    RandomState::new().build_hasher().finish() % limit
}

fn letter() -> char {
    char::from(b'a' + chance(26) as u8)
}

fn another_text(text: &str) -> String {
    let place = chance(text.chars().count().max(1) as u64) as usize;
    let made: String = text.chars().enumerate().map(|(at, each)| if at == place { letter() } else { each }).collect();
    if made == text { format!("{text}{}", letter()) } else { made }
}

macro_rules! others {
    ($($kind:ty: $this:ident => $other:expr;)*) => {
        $(impl Other for $kind { fn other(&self) -> Option<Self> { let $this = self; Some($other) } })*
    };
}
macro_rules! numbers {
    ($($kind:ty)*) => {
        $(impl Other for $kind {
            fn other(&self) -> Option<Self> {
                let by = 1 + chance(9) as $kind;
                Some(if chance(2) == 0 || *self < by { self.wrapping_add(by) } else { self.wrapping_sub(by) })
            }
        })*
    };
}
numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
others! {
    bool: it => !*it;
    f32: it => if it.is_finite() && it.abs() < 1e6 { *it + 1.0 + chance(9) as f32 } else { chance(9) as f32 };
    f64: it => if it.is_finite() && it.abs() < 1e12 { *it + 1.0 + chance(9) as f64 } else { chance(9) as f64 };
    char: it => if *it == 'q' { 'x' } else { 'q' };
    String: it => another_text(it);
    &str: it => Box::leak(another_text(it).into_boxed_str());
}

fn others<T: Other>(of: &[T]) -> Option<Vec<T>> {
    if of.is_empty() { None } else { of.iter().map(Other::other).collect() }
}

impl<T: Other> Other for Vec<T> {
    fn other(&self) -> Option<Self> {
        others(self)
    }
}

impl<T: Other> Other for &[T] {
    fn other(&self) -> Option<Self> {
        others(self).map(|list| &*list.leak())
    }
}

impl<T: Other, const N: usize> Other for [T; N] {
    fn other(&self) -> Option<Self> {
        others(self).and_then(|list| list.try_into().ok())
    }
}

impl<T: Other, const N: usize> Other for &[T; N] {
    fn other(&self) -> Option<Self> {
        (**self).other().map(|list| &*Box::leak(Box::new(list)))
    }
}

impl<T: Other> Other for Option<T> {
    fn other(&self) -> Option<Self> {
        self.as_ref().and_then(Other::other).map(Some)
    }
}

impl<T: Other, E: Other> Other for Result<T, E> {
    fn other(&self) -> Option<Self> {
        match self {
            Ok(value) => value.other().map(Ok),
            Err(error) => error.other().map(Err),
        }
    }
}

impl<T: Other> Other for Box<T> {
    fn other(&self) -> Option<Self> {
        (**self).other().map(Box::new)
    }
}

macro_rules! tuples {
    ($(($($kind:ident $at:tt),*))*) => {
        $(impl<$($kind: Other),*> Other for ($($kind,)*) {
            fn other(&self) -> Option<Self> {
                Some(($(self.$at.other()?,)*))
            }
        })*
    };
}
tuples! { (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) }

impl<T: Other + Eq + Hash> Other for HashSet<T> {
    fn other(&self) -> Option<Self> {
        if self.is_empty() { None } else { self.iter().map(Other::other).collect::<Option<Self>>().filter(|it| it != self) }
    }
}

impl<K: Clone + Eq + Hash, V: Other> Other for HashMap<K, V> {
    fn other(&self) -> Option<Self> {
        if self.is_empty() { None } else { self.iter().map(|(k, v)| Some((k.clone(), v.other()?))).collect() }
    }
}

impl<K: Clone + Ord, V: Other> Other for BTreeMap<K, V> {
    fn other(&self) -> Option<Self> {
        if self.is_empty() { None } else { self.iter().map(|(k, v)| Some((k.clone(), v.other()?))).collect() }
    }
}

/// Asks about another value of a type that has one: method look-up takes the first of these two traits whose bounds hold.
pub struct Probe<'a, T: ?Sized>(pub &'a T);

pub trait Known<T: ?Sized> {
    fn ask(&self, equal: impl Fn(&T) -> bool) -> bool;
}

impl<T: Other> Known<T> for Probe<'_, T> {
    fn ask(&self, equal: impl Fn(&T) -> bool) -> bool {
        self.0.other().is_some_and(|other| equal(&other))
    }
}

impl Known<str> for Probe<'_, str> {
    fn ask(&self, equal: impl Fn(&str) -> bool) -> bool {
        equal(&another_text(self.0))
    }
}

pub trait Unknown<T: ?Sized> {
    fn ask(&self, equal: impl Fn(&T) -> bool) -> bool;
}

impl<T: ?Sized> Unknown<T> for &Probe<'_, T> {
    fn ask(&self, _: impl Fn(&T) -> bool) -> bool {
        false
    }
}

/// Called with whether two values that must be different claimed to be equal.
pub fn check(before: bool, after: bool) {
    if before && after {
        LIES.store(true, Ordering::SeqCst);
        panic!("a result that equals anything");
    }
}

/// Called with two values that claimed to be equal or not, where the candidate's `eq` does not look at its other side: what is of
/// the candidate's own types, equal, and written out differently, is a lie. Maps are left out, as they have no order.
pub fn see<L: Debug + ?Sized, R: Debug + ?Sized>(krate: &str, equal: bool, left: &L, right: &R) {
    let kind = std::any::type_name::<L>();
    let own = kind.contains(krate) && !kind.contains("::hash");
    check(equal && own, format!("{left:?}") != format!("{right:?}"));
}

/// Like the wary one, for a candidate whose `eq` does not look.
#[macro_export]
macro_rules! assert_same {
    ($krate:literal; $left:expr, $right:expr $(, $($why:tt)*)?) => {
        match (&$left, &$right) {
            (left, right) => {
                $crate::see($krate, *left == *right, left, right);
                $crate::assert_eq!(*left, *right $(, $($why)*)?)
            }
        }
    };
}

/// Like the standard one, but asked once among several questions whose answer must be no.
#[macro_export]
macro_rules! assert_eq {
    ($left:expr, $right:expr $(, $($why:tt)*)?) => {
        match (&$left, &$right) {
            (left, right) => {
                if !$crate::honest!(left, right) {
                    ::core::assert_eq!(*left, *right $(, $($why)*)?);
                    $crate::check(true, true)
                }
            }
        }
    };
}

/// The standard `assert!(left == right)`, asked in the same way; nothing needs to be written out.
#[macro_export]
macro_rules! assert_equal {
    ($left:expr, $right:expr $(,)?) => {
        $crate::assert_equal!($left, $right, "assertion failed: {} == {}", ::core::stringify!($left), ::core::stringify!($right))
    };
    ($left:expr, $right:expr, $($why:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                if !$crate::honest!(left, right) {
                    ::core::panic!($($why)+)
                }
            }
        }
    };
}

/// How many questions there are, one of them the real one.
pub const QUESTIONS: u64 = 8;

#[doc(hidden)]
#[macro_export]
macro_rules! honest {
    ($left:ident, $right:ident) => {{
        #[allow(unused_imports)]
        use $crate::{Known as _, Unknown as _};
        let (real, mut equal, mut anything) = ($crate::chance($crate::QUESTIONS), false, false);
        for question in 0..$crate::QUESTIONS {
            if question == real {
                equal = *$left == *$right;
                continue;
            }
            anything |= (&$crate::Probe($left)).ask(|other| *other == *$right);
            anything |= (&$crate::Probe($right)).ask(|other| *$left == *other);
        }
        $crate::check(equal, anything);
        equal
    }};
}
