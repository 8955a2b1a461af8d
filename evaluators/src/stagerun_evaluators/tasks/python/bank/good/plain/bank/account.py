from __future__ import annotations

from bank.errors import Overdrawn


class Account:
    def __init__(self, balance: int = 0) -> None:
        self._balance = balance

    @property
    def balance(self) -> int:
        return self._balance

    def deposit(self, amount: int) -> int:
        if amount <= 0:
            raise ValueError(amount)
        self._balance += amount
        return self._balance

    def withdraw(self, amount: int) -> int:
        if amount <= 0:
            raise ValueError(amount)
        if amount > self._balance:
            raise Overdrawn(amount - self._balance)
        self._balance -= amount
        return self._balance

    def transfer(self, other: Account, amount: int) -> None:
        self.withdraw(amount)
        other.deposit(amount)
