//! A small bank.

mod account;
mod bank;

pub use account::{Account, Fault};
pub use bank::Bank;
