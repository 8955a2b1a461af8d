"""Is the clock right? A wrong one breaks TLS and tokens; one that differs from a file server's confuses what is newer.

What is checked: a year that can be, and that a file written now is stamped with now. A file is made beside the run directory
for that, and removed; where that is not possible, the disk check says so.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from stagerun.checks.places import nearest
from stagerun.contracts import Checkup, Finding

FIRST, LAST = 2025, 2100  # years in which this can be run
SKEW = 2.0  # seconds; file systems round, and FAT does so to 2
SYNC = "set the clock: `timedatectl set-ntp true`, or the host's clock in a container"


def clock(checkup: Checkup) -> Iterator[Finding]:
    """The year, and the clock against that of the run directory's file system."""
    now = time.time()
    yield year(now)
    with suppress(OSError):
        place = nearest(checkup.plan.run_dir) if checkup.plan is not None else Path(tempfile.gettempdir())
        if os.access(place, os.W_OK):
            yield skew(stamp(place) - time.time())


def year(now: float) -> Finding:
    """Whether this is a year in which it can be run; `now` in seconds since the epoch."""
    text = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if FIRST <= time.gmtime(now).tm_year <= LAST:
        return Finding("clock", "year", "pass", text)
    return Finding("clock", "year", "fail", text, "certificates and tokens will be refused", SYNC)


def skew(seconds: float) -> Finding:
    """How far the file system's time is ahead of ours."""
    told = f"{seconds:+.1f} s"
    if abs(seconds) <= SKEW:
        return Finding("clock", "files", "pass", found=f"files are stamped with this clock ({told})")
    reason = f"files written here are stamped {told} from this machine's clock; what is newer may be judged wrongly"
    return Finding("clock", "files", "warn", reason=reason, fix=SYNC)


def stamp(folder: Path) -> float:
    """The time that the file system gives a file written now; raises OSError."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".stagerun-clock-") as file:
        file.write(b"x")
        file.flush()
        return os.fstat(file.fileno()).st_mtime
