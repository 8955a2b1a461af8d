from bank.account import Account
from bank.errors import Overdrawn

__all__ = ["Account", "Overdrawn"]
