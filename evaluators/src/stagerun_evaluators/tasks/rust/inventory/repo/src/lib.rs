//! What is in stock, and what is on order.

mod stock;

pub use stock::{Item, Stock};

/// The value of everything in stock, in cents.
pub fn value(stock: &Stock) -> u64 {
    stock.items().iter().map(|item| u64::from(item.cents)).sum()
}
