from .account import Account as Account
from .errors import Overdrawn as Overdrawn
