"""The tier of isolation in force and what it does not stop: told once to the user, stamped on every judgement.

There is one tier so far. Stronger ones (user namespaces, Landlock with seccomp) will say less here.
"""

from __future__ import annotations

import os
import sys

TIER = "limits"
STOPS = "endless loops, memory, processes, large files, leftovers, forged and missing test results"


def notice() -> str:
    """What candidates can still do here."""
    open_doors = ["the network", "reading files", "memory used by many processes together"]
    if os.geteuid() != 0:
        open_doors.append("changing your files and processes, as candidates run as you")
    if sys.platform != "linux":
        open_doors.append("processes that leave their process group")
    return f"model-written code runs in isolation tier {TIER!r}: it stops {STOPS}; it does not stop {', '.join(open_doors)}"
