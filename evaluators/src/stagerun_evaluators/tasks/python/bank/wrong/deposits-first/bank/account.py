from bank.errors import Overdrawn


class Account:
    def __init__(self, balance=0):
        self._balance = balance

    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(amount)
        self._balance += amount
        return self._balance

    def withdraw(self, amount):
        if amount <= 0:
            raise ValueError(amount)
        if amount > self._balance:
            raise Overdrawn(amount - self._balance)
        self._balance -= amount
        return self._balance

    def transfer(self, other, amount):
        other.deposit(amount)
        self.withdraw(amount)
