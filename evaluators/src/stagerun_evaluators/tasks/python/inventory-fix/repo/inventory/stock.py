class Stock:
    """How many there are of each thing."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def take(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) - count

    def total(self) -> int:
        return sum(self.counts.values())
