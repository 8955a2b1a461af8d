import pytest
from bank import Account, Overdrawn


@pytest.fixture
def account():
    return Account(1000)


def test_it_starts_at_nothing():
    assert Account().balance == 0


def test_deposit_and_withdraw(account):
    assert account.deposit(50) == 1050
    assert account.withdraw(1050) == 0


@pytest.mark.parametrize("amount", [0, -5])
def test_amounts_are_positive(account, amount):
    for change in (account.deposit, account.withdraw):
        with pytest.raises(ValueError):
            change(amount)
    assert account.balance == 1000


def test_overdrawn_changes_nothing(account):
    with pytest.raises(Overdrawn) as raised:
        account.withdraw(1200)
    assert raised.value.missing == 200
    assert account.balance == 1000


def test_the_balance_cannot_be_set(account):
    with pytest.raises(AttributeError):
        account.balance = 5


def test_transfer(account):
    other = Account()
    account.transfer(other, 400)
    assert (account.balance, other.balance) == (600, 400)


def test_a_transfer_that_fails_moves_nothing(account):
    other = Account(1)
    with pytest.raises(Overdrawn):
        account.transfer(other, 4000)
    assert (account.balance, other.balance) == (1000, 1)
