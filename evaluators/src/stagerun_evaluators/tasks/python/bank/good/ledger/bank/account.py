from .errors import Overdrawn


class Account:
    def __init__(self, balance=0):
        self.entries = [balance]

    balance = property(lambda self: sum(self.entries))

    def deposit(self, amount):
        self.entries.append(positive(amount))
        return self.balance

    def withdraw(self, amount):
        left = self.balance - positive(amount)
        if left < 0:
            raise Overdrawn(-left)
        self.entries.append(-amount)
        return left

    def transfer(self, other, amount):
        self.withdraw(amount)
        other.deposit(amount)


def positive(amount):
    if amount <= 0:
        raise ValueError("an amount is positive")
    return amount
