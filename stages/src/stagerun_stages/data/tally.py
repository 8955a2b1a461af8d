"""Counts what happened to the rows of a source, with three examples of each reason for dropping one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field

from stagerun import StageError
from stagerun_stages.data.sources import Found

EXAMPLES = 3
DUPLICATE = "duplicate"


@define
class Tally:
    """What was read from one source, kept, and dropped for which reason."""

    source: str
    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(factory=Counter)
    examples: dict[str, list[dict[str, str]]] = field(factory=dict)

    def drop(self, found: Found, reason: str) -> None:
        """Count a dropped row."""
        self.dropped[reason] += 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < EXAMPLES:
            shown.append({"where": found.where, "row": found.shown})

    @property
    def broken(self) -> int:
        """Dropped rows that were not just there twice."""
        return sum(self.dropped.values()) - self.dropped[DUPLICATE]

    def check(self) -> None:
        """Raises StageError when the source gave nothing."""
        if self.kept:
            return
        if not self.read:
            raise StageError(f"the source {self.source} is empty", "fill it, or take it out of the sources")
        reason, count = self.dropped.most_common(1)[0]
        where = self.examples[reason][0]["where"]
        raise StageError(
            f"the source {self.source} gave no row: {count} of {self.read} were dropped for: {reason} ({where})",
            "look at that line; is it the right file, and the right format?",
        )

    def to_json(self) -> dict[str, Any]:
        """The source's part of report.json."""
        dropped = [
            {"reason": reason, "rows": count, "examples": self.examples[reason]}
            for reason, count in self.dropped.most_common()
        ]
        return {"source": self.source, "read": self.read, "kept": self.kept, "dropped": dropped}
