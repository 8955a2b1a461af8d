"""The index of installed entry points, cached: reading every distribution's metadata takes longer than a whole no-op run.

The cache is keyed by the modification times of the folders on `sys.path`: an install, upgrade or removal changes them.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

GROUPS = (
    "stages",
    "gates",
    "backends",
    "evaluators",
    "executors",
    "judges",
    "sandboxes",
    "sources",
    "machines",
    "checks",
)
HOOKS = "hooks"  # the pluggy plugins, entry-point group `stagerun`


class Entry(NamedTuple):
    """One claim of a name: `value` is `module:attribute`, `dist` the distribution that makes it, `version` its version."""

    kind: str
    name: str
    value: str
    dist: str
    version: str


def cache_folder() -> Path:
    """Where rebuildable things are kept: `$STAGERUN_CACHE`, else below `$XDG_CACHE_HOME` or `~/.cache`."""
    own = os.environ.get("STAGERUN_CACHE")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stagerun"


def index_key() -> str:
    """A text that changes whenever the set of installed distributions may have changed."""
    stamps = []
    for entry in sys.path:
        with suppress(OSError):
            stamps.append(f"{entry}={os.stat(entry or '.').st_mtime_ns}")  # noqa: PTH116 - start-up path
    return "\n".join([sys.prefix, *stamps])


def read_index() -> list[Entry]:
    """Every entry point of our groups, from the cache when nothing was installed since."""
    import hashlib

    key = index_key()
    path = cache_folder() / f"index-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    with suppress(OSError, ValueError, TypeError):
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["key"] == key:
            return [Entry(*row) for row in value["entries"]]
    entries = _scan()
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps({"key": key, "entries": entries}), encoding="utf-8")
        partial.replace(path)
    return entries


def _scan() -> list[Entry]:
    from importlib.metadata import distributions

    kinds = {f"stagerun.{group}": group for group in GROUPS} | {"stagerun": HOOKS}
    found: dict[str, list[Entry]] = {}
    for dist in distributions():
        mine = [point for point in dist.entry_points if point.group in kinds]
        name = dist.metadata["Name"]
        if mine and name not in found:  # the first on sys.path is the one that would be imported
            found[name] = [Entry(kinds[point.group], point.name, point.value, name, dist.version) for point in mine]
    return sorted(row for rows in found.values() for row in rows)
