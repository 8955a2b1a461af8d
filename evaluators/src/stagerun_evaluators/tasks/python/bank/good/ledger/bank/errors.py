from dataclasses import dataclass


@dataclass
class Overdrawn(Exception):
    missing: int
