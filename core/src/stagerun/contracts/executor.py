"""The contract of an executor: where a stage's process runs. It carries the worker protocol and nothing else.

The protocol is lines of JSON: the job and control messages into the worker's standard input, events out of its standard
output. Standard error is the log. That is all ssh, Ray and a local pipe have in common, so it is all that is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class Running(Protocol):
    """A started worker. File descriptors are the engine's ends, non-blocking for reading."""

    @property
    def reader(self) -> int:
        """File descriptor that events are read from."""
        ...

    @property
    def identity(self) -> Mapping[str, Any]:
        """What finds this process again after the engine's death: host, pid, start time."""
        ...

    def write(self, line: bytes) -> None:
        """Send one control line; a worker that is gone is not an error."""
        ...

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        ...

    def end(self, *, force: bool) -> None:
        """Ask the whole process group to end, or kill it."""
        ...

    def close(self) -> None:
        """Kill whatever is left of the group and release descriptors; safe to call twice."""
        ...


class Executor(Protocol):
    """Starts workers. `still_there` answers for an identity recorded by an engine that died."""

    def start(self, argv: tuple[str, ...], environ: Mapping[str, str], cwd: Path, log: Path) -> Running:
        """Start a process in a group of its own; its standard error is appended to `log`."""
        ...

    def still_there(self, identity: Mapping[str, Any]) -> bool:
        """Whether that very process (not another with its number) still runs."""
        ...

    def end(self, identity: Mapping[str, Any]) -> None:
        """End that process and its group, and return when they are gone."""
        ...
