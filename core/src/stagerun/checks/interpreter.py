"""The Python that runs this: is it one that our distributions take, and one that they were tested with?"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from contextlib import suppress

from stagerun.checks.scene import idle
from stagerun.checks.versions import meets
from stagerun.contracts import Checkup, Finding

TESTED = "3.11"


def interpreter(checkup: Checkup) -> Iterator[Finding]:
    """Python's version, against what the installed distributions ask for and what they were tested with."""
    if idle(checkup):
        return
    yield judged(platform.python_version(), asked(sorted({entry.dist for entry in checkup.registry.entries})))


def asked(dists: list[str]) -> dict[str, str]:
    """Distribution -> the range of Pythons it asks for."""
    from importlib.metadata import PackageNotFoundError, metadata  # 20 ms, which a run of light stages does without

    found = {}
    for name in dists:
        with suppress(PackageNotFoundError):
            found[name] = str(next(iter(metadata(name).get_all("Requires-Python") or ()), ""))
    return found


def judged(version: str, ranges: dict[str, str]) -> Finding:
    """The finding for a version of Python."""
    found = f"Python {version} ({sys.executable})"
    fix = f"make a virtual environment with Python {TESTED}: `stagerun setup` prints how"
    refusing = [f"{name} asks for {wanted}" for name, wanted in ranges.items() if meets(version, wanted) is False]
    if refusing:
        return Finding("interpreter", "version", "fail", found, ", ".join(refusing), fix)
    if not version.startswith(f"{TESTED}."):
        return Finding("interpreter", "version", "warn", found, f"tested with {TESTED} only", fix)
    return Finding("interpreter", "version", "pass", found)
