pub mod fault;
pub mod ledger;

pub use fault::Fault;
pub use ledger::Bank;
