use inventory::{value, Item, Stock};

fn stock() -> Stock {
    let mut stock = Stock::default();
    stock.add("nut", 10, 5);
    stock.add("bolt", 4, 20);
    stock
}

fn item(name: &str, count: u32, cents: u32) -> Item {
    Item { name: name.to_string(), count, cents }
}

#[test]
fn items_are_in_the_order_of_names() {
    assert_eq!(stock().items(), [item("bolt", 4, 20), item("nut", 10, 5)]);
}

#[test]
fn a_name_is_there_once() {
    let mut stock = stock();
    stock.add("nut", 1, 6);
    assert_eq!(stock.items(), [item("bolt", 4, 20), item("nut", 11, 6)]);
}

#[test]
fn the_last_ones_can_be_taken() {
    let mut stock = stock();
    assert!(stock.take("bolt", 4));
    assert!(!stock.take("bolt", 1));
}

#[test]
fn what_is_not_there_cannot_be_taken() {
    let mut stock = stock();
    assert!(!stock.take("nut", 11));
    assert!(!stock.take("screw", 1));
    assert_eq!(stock.items()[1].count, 10);
}

#[test]
fn the_value_counts_every_one() {
    assert_eq!(value(&stock()), 130);
}

#[test]
fn a_large_value_fits() {
    let mut stock = Stock::default();
    stock.add("gold", u32::MAX, u32::MAX);
    assert_eq!(value(&stock), u64::from(u32::MAX) * u64::from(u32::MAX));
}
