use std::collections::HashMap;

use crate::Fault;

/// Cents by name.
#[derive(Default)]
pub struct Bank(HashMap<String, u64>);

impl Bank {
    pub fn new() -> Self {
        Bank(HashMap::new())
    }

    pub fn open(&mut self, name: &str) -> Result<(), Fault> {
        match self.balance(name) {
            Ok(_) => Err(Fault::Known(name.into())),
            Err(_) => {
                self.0.insert(name.into(), 0);
                Ok(())
            }
        }
    }

    pub fn balance(&self, name: &str) -> Result<u64, Fault> {
        self.0.get(name).copied().ok_or(Fault::Unknown(name.into()))
    }

    pub fn pay_in(&mut self, name: &str, cents: u64) -> Result<(), Fault> {
        let sum = self.balance(name)? + cents;
        self.0.insert(name.into(), sum);
        Ok(())
    }

    pub fn transfer(&mut self, from: &str, to: &str, cents: u64) -> Result<(), Fault> {
        let have = self.balance(from)?;
        self.balance(to)?;
        if have < cents {
            return Err(Fault::Short { needed: cents, have });
        }
        self.0.insert(from.into(), have - cents);
        self.pay_in(to, cents)
    }
}
