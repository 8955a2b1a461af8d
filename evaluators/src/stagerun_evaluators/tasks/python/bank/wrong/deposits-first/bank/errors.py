class Overdrawn(Exception):
    def __init__(self, missing):
        self.missing = missing
