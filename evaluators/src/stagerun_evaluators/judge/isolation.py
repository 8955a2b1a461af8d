"""The tier of isolation in force and what it does not stop: said once in the log, stamped on every judgement.

There is one tier so far. Stronger ones (user namespaces, Landlock with seccomp) will say less here.
"""

from __future__ import annotations

import logging
import os
import sys
from functools import cache

TIER = "limits"
STOPS = "endless loops, memory, processes, large files, leftovers, forged and missing test results"


@cache
def announce() -> str:
    """Log once in a process what candidates can still do; returns the sentence."""
    open_doors = ["the network", "reading files", "memory used by many processes together"]
    if os.geteuid() != 0:
        open_doors.append("your own files and processes, as candidates run as you")
    if sys.platform != "linux":
        open_doors.append("processes that leave their process group")
    text = f"model-written code runs in isolation tier {TIER!r}: it stops {STOPS}; it does not stop {', '.join(open_doors)}"
    logging.getLogger("stagerun.evaluators").warning(text)
    return text
