"""What an attack on the judge is, for the tables of attacks that each language has and the test that tries them on every tier."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from stagerun import Candidate, Task

TIERS = ("none", "limits", "landlock", "namespaces")  # weakest first
CHEATED = ("failed", "tampered")


@frozen
class Attack:
    """A hostile candidate and what must come of it. `least` is the weakest tier that holds it.

    Whatever the verdict, no test outside `earned` may count as passed. An attack on nothing (`verdicts=("passed",)`) is honest
    code that looks hostile and must get its full score.
    """

    task: Task
    code: str = ""
    files: Mapping[str, str] = field(factory=dict)
    verdicts: tuple[str, ...] = CHEATED
    earned: frozenset[str] = frozenset()
    least: str = "limits"

    @property
    def candidate(self) -> Candidate:
        """What the judge is given."""
        return Candidate(self.task, self.code, self.files)
