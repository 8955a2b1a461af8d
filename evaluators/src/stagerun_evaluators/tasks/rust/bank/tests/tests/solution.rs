use solution::{Bank, Fault};

fn bank() -> Bank {
    let mut bank = Bank::new();
    bank.open("ann").unwrap();
    bank.open("bob").unwrap();
    bank.pay_in("ann", 300).unwrap();
    bank
}

#[test]
fn a_new_account_is_empty() {
    assert_eq!(bank().balance("bob"), Ok(0));
}

#[test]
fn names_are_taken_once() {
    assert_eq!(bank().open("ann"), Err(Fault::Known("ann".to_string())));
}

#[test]
fn opening_again_keeps_the_money() {
    let mut bank = bank();
    let _ = bank.open("ann");
    assert_eq!(bank.balance("ann"), Ok(300));
}

#[test]
fn money_moves() -> Result<(), Fault> {
    let mut bank = bank();
    bank.transfer("ann", "bob", 120)?;
    assert_eq!((bank.balance("ann")?, bank.balance("bob")?), (180, 120));
    Ok(())
}

#[test]
fn too_much_moves_nothing() {
    let mut bank = bank();
    assert_eq!(bank.transfer("ann", "bob", 301), Err(Fault::Short { needed: 301, have: 300 }));
    assert_eq!(bank.balance("ann"), Ok(300));
}

#[test]
fn an_unknown_receiver_moves_nothing() {
    let mut bank = bank();
    assert_eq!(bank.transfer("ann", "eve", 1), Err(Fault::Unknown("eve".to_string())));
    assert_eq!(bank.balance("ann"), Ok(300));
}

#[test]
fn the_first_unknown_name_is_told() {
    assert_eq!(bank().transfer("x", "y", 1), Err(Fault::Unknown("x".to_string())));
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let mut bank = bank();
    assert_eq!(bank.transfer("ann", "ann", 100), Ok(()));
    assert_eq!(bank.balance("ann"), Ok(300));
}

#[test]
fn faults_can_be_read() {
    let faults: [Box<dyn std::error::Error>; 3] = [
        Box::new(Fault::Unknown("eve".into())),
        Box::new(Fault::Known("ann".into())),
        Box::new(Fault::Short { needed: 5, have: 3 }),
    ];
    let read: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(read, ["no account eve", "account ann is there already", "5 needed, 3 there"]);
}
