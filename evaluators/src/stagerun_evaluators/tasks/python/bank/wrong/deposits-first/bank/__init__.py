from bank.account import Account as Account
from bank.errors import Overdrawn as Overdrawn
