"""The contract of a check of the machine: what `stagerun doctor` asks, what is looked at before a run, and what is found.

    [project.entry-points."stagerun.checks"]
    licences = "my_plugin:licences"

    def licences(checkup: Checkup) -> Iterator[Finding]:
        \"\"\"Whether every model may be used here.\"\"\"
        yield Finding("licences", "base", "pass", found="apache-2.0")

A check looks and mends nothing. It is a plain function, found by its name, which is also what `--skip-check` takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from stagerun.record.words import clean

Status = Literal["pass", "warn", "fail"]


@frozen
class Finding:
    """One thing that was looked at. `found` is what is there, `reason` what is wrong, `fix` the line that mends it."""

    check: str  # the area: "rust", "disk"
    item: str  # the thing: "cargo", "run directory"
    status: Status  # fail: something needs it and it is not there
    found: str = ""
    reason: str = ""
    fix: str = ""

    @property
    def words(self) -> str:
        """What is there and what is wrong."""
        return clean("; ".join(part for part in (self.found, self.reason) if part))


@frozen
class Checkup:
    """What a check is asked about.

    `plan` is the `Plan`; None when no pipeline was named, and then nothing is needed by anybody: what is missing is a warning.
    `thorough` is what doctor asks for: a second or two, other programs, the network. Without it, before a run, a check does
    what takes milliseconds, or finds nothing.
    """

    plan: Any
    registry: Any
    thorough: bool = True


Look = Callable[[Checkup], Iterable[Finding]]


@frozen
class Space:
    """Disk space that a stage will take: `bytes` below `path`, for `what`. None is the run directory.

    The same thing at the same path counts once, whichever stages say it: a model is downloaded once.
    """

    what: str  # 'checkpoints'
    bytes: float
    path: Path | None = None
