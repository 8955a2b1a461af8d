"""The contract of an isolation for untrusted commands, and what is known of the one in force.

An isolation lives in a keeper: a small, single-threaded process that imports the standard library only, holds no secret and runs
one command at a time. The keeper does the rest: a folder for the job, a user of its own where it is root, limits on each
process, time, output, and an end of all that was started. What an isolation stops is not asked: every escape is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen


class Sandbox(Protocol):
    """A way to keep a command from the rest of the machine, found by name in the group `stagerun.sandboxes`.

    The class is called without arguments, once in every keeper. It raises OSError, the text saying why, where the system refuses
    it. Its module may import nothing but the standard library.

    `root` is the folder the command may write, `reads` are files and folders outside that it must be able to read and run beside
    the system's own (/usr, /bin, /lib and their like), `memory_mb` is in MiB, `seconds` is processor time.
    """

    @property
    def forks(self) -> bool:
        """Whether `confine` is all it takes. Commands are then forked from warm processes, which saves most of their time."""
        ...

    def wrap(
        self, argv: Sequence[str], *, root: str, reads: Sequence[str], memory_mb: int, seconds: int
    ) -> Sequence[str]:
        """The command line of a launcher that runs `argv` confined; `argv` itself when `confine` did it all.

        Descriptors 0 to 3, the environment and the exit code are the command's: the launcher must pass them on.
        """
        ...

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        """Confine this process and all it will start, for good. Called in the forked child right before the command; limits and
        user are set by then. A launcher does nothing here. An OSError ends the command, and the keeper tells it."""
        ...


@frozen
class Isolation:
    """The isolation in force. `stops` and `open` are names of escapes, each tried and not inferred."""

    tier: str
    entry: str  # module:Class
    stops: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()  # why each stronger tier is not there

    @property
    def notice(self) -> str:
        """What candidates can still do here, in one line."""
        leaves = f"it does not stop {', '.join(self.open)}" if self.open else "all escapes that were tried are stopped"
        why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return f"model-written code runs in isolation tier {self.tier!r}: {leaves}{why}"
