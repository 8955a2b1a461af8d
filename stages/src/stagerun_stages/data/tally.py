"""Counts what happened to the rows of a source, with three examples of each reason for dropping one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field

from stagerun import StageError

EXAMPLES = 3
DUPLICATE = "duplicate"
NEAR_DUPLICATE = "nearly the same as a row before it"
CONTAMINATED = "holds an evaluation question"
SOUND = (DUPLICATE, NEAR_DUPLICATE, CONTAMINATED)  # reasons to drop a row that has no fault


@define
class Tally:
    """What was read from one source, kept, put right, and dropped for which reason; `taken` is what the limits left of it."""

    source: str
    read: int = 0
    kept: int = 0
    taken: int = 0
    dropped: Counter[str] = field(factory=Counter)
    repaired: Counter[str] = field(factory=Counter)
    examples: dict[str, list[dict[str, str]]] = field(factory=dict)
    revision: str = ""
    licence: str = ""

    def drop(self, reason: str, where: str, row: str) -> None:
        """Count a dropped row; `row` is its beginning."""
        self.dropped[reason] += 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < EXAMPLES:
            shown.append({"where": where, "row": row})

    @property
    def broken(self) -> int:
        """Dropped rows that had a fault."""
        return sum(self.dropped.values()) - sum(self.dropped[reason] for reason in SOUND)

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
        counts = {"source": self.source, "read": self.read, "kept": self.kept, "taken": self.taken}
        repaired = {"repaired": dict(self.repaired.most_common())} if self.repaired else {}
        known = {"revision": self.revision, "licence": self.licence}
        return {**counts, **{name: text for name, text in known.items() if text}, "dropped": dropped, **repaired}
