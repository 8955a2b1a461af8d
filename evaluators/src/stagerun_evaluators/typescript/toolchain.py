"""The packages that TypeScript is judged with: what they are, and the one command that puts them into the user's cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from stagerun.errors import StageError
from stagerun_evaluators.fetching import INSTALL, Fetched, run

__all__ = ["INSTALL", "SHIPPED", "folder", "install", "installed"]

SHIPPED = Path(__file__).with_name("npm")
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PACKAGES = Fetched("typescript", (SHIPPED / "package.json", SHIPPED / "package-lock.json"), "node_modules")


def folder() -> Path:
    """Where the packages lie, or will."""
    return PACKAGES.folder


def installed() -> Path | None:
    """The folder, if the packages are there."""
    return PACKAGES.folder if PACKAGES.there else None


def install(say: Callable[[str], None]) -> Path:
    """Install once. Needs npm and its registry; raises StageError."""
    place = PACKAGES.folder
    if PACKAGES.there:
        say(f"typescript: its packages are in {place}")
        return place
    if shutil.which(NPM[0]) is None:
        raise StageError("typescript: npm was not found", "install Node.js 20 or newer, which brings npm")
    say(f"typescript: installing its packages into {place}")
    PACKAGES.fetch(_fill)
    return place


def _fill(where: Path) -> None:
    for path in PACKAGES.said_by:
        shutil.copy(path, where / path.name)
    run(NPM, where, "typescript: npm could not install the packages")
