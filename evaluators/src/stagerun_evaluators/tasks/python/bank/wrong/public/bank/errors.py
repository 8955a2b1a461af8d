class Overdrawn(Exception):
    pass
