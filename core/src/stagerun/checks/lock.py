"""Does an earlier run still hold the run directory? Asked by doctor alone: a run itself is refused by the lock, with code 75."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stagerun.checks.places import shown
from stagerun.contracts import Checkup, Finding
from stagerun.store.lock import is_held, read_holder


def lock(checkup: Checkup) -> Iterator[Finding]:
    """Who holds the lock of the run directory, if anybody does."""
    if checkup.plan is None or not checkup.thorough:
        return
    root: Path = checkup.plan.run_dir
    if not is_held(root / ".lock"):
        yield Finding("lock", "run directory", "pass", found=f"nobody runs in {shown(root)}")
        return
    holder = read_holder(root / ".lock")
    who = f"pid {holder.get('pid', '?')} on {holder.get('host', '?')}"
    fix = f"wait for it (`stagerun status {shown(root)}` shows how far it is), stop it, or give --run-dir another place"
    yield Finding("lock", "run directory", "fail", reason=f"{shown(root)} is being run by {who}", fix=fix)
