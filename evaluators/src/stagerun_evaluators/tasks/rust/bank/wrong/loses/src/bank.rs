use std::collections::BTreeMap;

use crate::account::{Account, Fault};

#[derive(Debug, Default)]
pub struct Bank {
    accounts: BTreeMap<String, Account>,
}

impl Bank {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn open(&mut self, name: &str) -> Result<(), Fault> {
        if self.accounts.contains_key(name) {
            return Err(Fault::Known(name.to_string()));
        }
        self.accounts.insert(name.to_string(), Account::default());
        Ok(())
    }

    fn account(&mut self, name: &str) -> Result<&mut Account, Fault> {
        self.accounts.get_mut(name).ok_or_else(|| Fault::Unknown(name.to_string()))
    }

    pub fn pay_in(&mut self, name: &str, cents: u64) -> Result<(), Fault> {
        self.account(name)?.cents += cents;
        Ok(())
    }

    pub fn balance(&self, name: &str) -> Result<u64, Fault> {
        self.accounts.get(name).map(|account| account.cents).ok_or_else(|| Fault::Unknown(name.to_string()))
    }

    pub fn transfer(&mut self, from: &str, to: &str, cents: u64) -> Result<(), Fault> {
        self.account(from)?.take(cents)?;
        self.account(to)?.cents += cents;
        Ok(())
    }
}
