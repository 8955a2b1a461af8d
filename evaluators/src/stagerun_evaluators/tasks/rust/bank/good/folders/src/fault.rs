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
