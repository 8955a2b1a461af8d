"""The tier of isolation in force, as long as the only one is `limits`."""

from __future__ import annotations

import os
import sys

from attrs import frozen


@frozen
class Isolation:
    """What candidates are kept from, and what not."""

    tier: str
    entry: str
    stops: tuple[str, ...]
    open: tuple[str, ...]
    reasons: tuple[str, ...] = ()

    @property
    def notice(self) -> str:
        """What candidates can still do here, in one line."""
        stops, leaves = ", ".join(self.stops), ", ".join(self.open)
        return f"model-written code runs in isolation tier {self.tier!r}: it stops {stops}; it does not stop {leaves}"


def choose(name: str = "auto", min_tier: str = "limits", allow_unsandboxed: bool = False) -> Isolation:  # noqa: ARG001
    """The strongest tier there is."""
    open_doors = ["the network", "reading files", "memory used by many processes together"]
    if os.geteuid() != 0:
        open_doors.append("changing your files and processes, as candidates run as you")
    if sys.platform != "linux":
        open_doors.append("processes that leave their process group")
    stops = ("endless loops", "memory", "processes", "large files", "leftovers", "forged and missing test results")
    return Isolation("limits", "", stops, tuple(open_doors))
