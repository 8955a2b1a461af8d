"""Folders that need not exist yet: where they will be, on which file system, and how they are called."""

from __future__ import annotations

import os
from pathlib import Path


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next((one for one in (path, *path.parents) if one.exists()), Path("/"))


def shown(path: Path) -> str:
    """As a person would type it: relative below the working directory, with ~ below home."""
    text = os.path.relpath(path)
    if not text.startswith(".."):
        return text
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
