use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Unknown(String),
    Known(String),
    Short { needed: u64, have: u64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unknown(name) => write!(f, "no account {name}"),
            Fault::Known(name) => write!(f, "account {name} is there already"),
            Fault::Short { needed, have } => write!(f, "{needed} needed, {have} there"),
        }
    }
}

impl std::error::Error for Fault {}

#[derive(Debug, Default)]
pub struct Account {
    pub cents: u64,
}

impl Account {
    pub fn take(&mut self, cents: u64) -> Result<(), Fault> {
        let short = Fault::Short { needed: cents, have: self.cents };
        self.cents = self.cents.checked_sub(cents).ok_or(short)?;
        Ok(())
    }
}
