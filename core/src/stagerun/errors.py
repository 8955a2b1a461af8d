"""What can go wrong in ways a user can mend, and the exit code each way ends with.

Everything here is said in one line: what, where, what was expected, what to do next. A traceback is for bugs of ours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntEnum

from attrs import field, frozen

MANY = 200  # names to choose from beyond which only those that begin or end alike are compared
REACH = 8  # how many of these on either side


class Exit(IntEnum):
    """The process exit codes; programs and cron jobs rely on them."""

    DONE = 0
    FAILED = 1
    CRASH_LOOP = 2
    USAGE = 64
    LOCKED = 75
    INTERRUPTED = 130


@frozen
class Problem:
    """One mistake in what the user wrote, placed so that an editor can jump to it."""

    what: str  # the sentence: 'unknown key "need"'
    file: str | None = None
    line: int | None = None
    where: str = ""  # the dotted place: tui.stages.tool_sft.with
    found: str = ""
    expected: str = ""
    hint: str = ""  # what to do next: 'did you mean "needs"?'

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.found:
            parts.append(f"found {self.found}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.hint:
            parts.append(self.hint)
        return (f"{place}: " if place else "") + "; ".join(parts)


class StagerunError(Exception):
    """A mistake or circumstance reported in one line; `exit_code` is how the command ends."""

    exit_code: Exit = Exit.FAILED


class BadPipeline(StagerunError):
    """The pipeline file or the command line cannot be run; carries every problem found, not just the first."""

    exit_code = Exit.USAGE

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Locked(StagerunError):
    """Another engine works in this run directory."""

    exit_code = Exit.LOCKED


class CannotRun(StagerunError):
    """The machine or the run directory refuses: read-only, full, an environment that cannot be built."""


class StageError(StagerunError):
    """Raised by a stage for what no retry can mend: bad data, a failed proof, an impossible option.

    `what` says what is wrong, `todo` what the user should do next.
    """

    def __init__(self, what: str, todo: str = "") -> None:
        self.what, self.todo = what, todo
        super().__init__(f"{what}; {todo}" if todo else what)


@frozen
class Failure:
    """Why an attempt failed, as data: it crosses process borders and lands in the record."""

    reason: str  # stage_error | exception | killed | out_of_memory | missing_output | nan | disk_full | lost
    message: str
    step: int | None = None  # the training step reached, when the stage counts steps
    detail: dict[str, object] = field(factory=dict)


def nearest(name: str, choices: Iterable[str]) -> str:
    """The hint for a misspelt name: 'did you mean "needs"?', or the empty string when nothing is near."""
    import difflib

    known = list(choices)
    if len(known) > MANY:  # comparing each name of a thousand stages with each other takes half a minute
        backwards = _around(name[::-1], [choice[::-1] for choice in known])
        known = _around(name, known) + [choice[::-1] for choice in backwards]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else ""


def _around(name: str, choices: list[str]) -> list[str]:
    """The choices just before and after `name` in the alphabet: they begin alike."""
    ordered = sorted(choices)
    at = bisect_left(ordered, name)
    return ordered[max(0, at - REACH) : at + REACH]
