//! What a task's tests are linked with: a list of tests, how a test's outcome is read, and comparisons that liars do not survive.
//!
//! Built once as a shared library, so that the host and every test library have the same list. The candidate is compiled
//! before and without it. Signing and reporting are the host's; nothing secret is ever here.

use std::fmt::Debug;
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

/// A value of the same type that is different, where there is one: not of an empty list.
pub trait Other: Sized {
    fn other(&self) -> Option<Self>;
}

macro_rules! others {
    ($($kind:ty: $this:ident => $other:expr;)*) => {
        $(impl Other for $kind { fn other(&self) -> Option<Self> { let $this = self; Some($other) } })*
    };
}
others! {
    u8: it => !*it; u16: it => !*it; u32: it => !*it; u64: it => !*it; u128: it => !*it; usize: it => !*it;
    i8: it => !*it; i16: it => !*it; i32: it => !*it; i64: it => !*it; i128: it => !*it; isize: it => !*it;
    bool: it => !*it;
    f32: it => if *it == 0.5 { 1.5 } else { 0.5 };
    f64: it => if *it == 0.5 { 1.5 } else { 0.5 };
    char: it => if *it == '\u{1}' { '\u{2}' } else { '\u{1}' };
    String: it => format!("{it}\u{1}");
    &str: it => Box::leak(format!("{it}\u{1}").into_boxed_str());
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

/// Finds the other value of a type that has one: method look-up takes the first of these two traits whose bounds hold.
pub struct Probe<'a, T>(pub &'a T);

pub trait Known<T> {
    fn other(&self) -> Option<T>;
}

impl<T: Other> Known<T> for Probe<'_, T> {
    fn other(&self) -> Option<T> {
        self.0.other()
    }
}

pub trait Unknown<T> {
    fn other(&self) -> Option<T>;
}

impl<T> Unknown<T> for &Probe<'_, T> {
    fn other(&self) -> Option<T> {
        None
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

/// Like the standard one; a right side that can be varied must then be unequal.
#[macro_export]
macro_rules! assert_eq {
    ($left:expr, $right:expr $(,)?) => {
        match (&$left, &$right) {
            (left, right) => {
                $crate::honest!(left, right);
                ::core::assert_eq!(*left, *right)
            }
        }
    };
    ($left:expr, $right:expr, $($why:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                $crate::honest!(left, right);
                ::core::assert_eq!(*left, *right, $($why)+)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! honest {
    ($left:ident, $right:ident) => {{
        let before = *$left == *$right;
        {
            #[allow(unused_imports)]
            use $crate::{Known as _, Unknown as _};
            let (one, two) = ((&$crate::Probe($left)).other(), (&$crate::Probe($right)).other());
            if let Some(other) = one {
                $crate::check(before, other == *$right);
            }
            if let Some(other) = two {
                $crate::check(before, *$left == other);
            }
        }
    }};
}
