"""Lends tests, whose cache is their own, what the user's cache has of a package registry; fetches it there when that can be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from stagerun.registry.index import cache_folder
from stagerun_evaluators.fetching import Fetched


def borrow(wanted: Fetched, program: str, install: Callable[[Callable[[str], None]], Path]) -> str:
    """Link it into the cache in force; why it is not to be had, or nothing. Raises StageError when it could not be fetched."""
    if wanted.there:
        return ""
    place = wanted.folder
    own = os.environ.pop("STAGERUN_CACHE", None)
    try:
        if cache_folder() == place.parent.parent or not (wanted.there or shutil.which(program)):
            return f"{wanted.name} is not there, and {program} could not fetch it"
        real = install(lambda _: None)
    finally:
        if own is not None:
            os.environ["STAGERUN_CACHE"] = own
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.symlink_to(real.resolve(), target_is_directory=True)
    return ""
