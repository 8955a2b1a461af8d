"""The packages that TypeScript is judged with: where they lie, and the one command that puts them there.

They are kept in the user's cache, in a folder named by the digest of the shipped `package.json` and lock file, so a new version
of this distribution never finds the packages of an old one. Nothing is downloaded at any other time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from stagerun.errors import StageError
from stagerun.registry.index import cache_folder

SHIPPED = Path(__file__).with_name("npm")
FILES = ("package.json", "package-lock.json")
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
INSTALL = "stagerun toolchains install"
LONGEST = 900.0  # seconds


@cache
def digest() -> str:
    """Of the files that say what is installed."""
    return hashlib.sha256(b"\0".join((SHIPPED / name).read_bytes() for name in FILES)).hexdigest()[:16]


def folder() -> Path:
    """Where the packages lie, or will."""
    return cache_folder() / "toolchains" / f"typescript-{digest()}"


def installed() -> Path | None:
    """The folder, if the packages are there."""
    place = folder()
    return place if (place / "node_modules").is_dir() else None


def install(say: Callable[[str], None]) -> Path:
    """Install once, beside the place and renamed into it when whole. Needs npm and its registry; raises StageError."""
    place = folder()
    if installed():
        say(f"typescript: its packages are in {place}")
        return place
    if shutil.which(NPM[0]) is None:
        raise StageError("typescript: npm was not found", "install Node.js 20 or newer, which brings npm")
    partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for name in FILES:
            shutil.copy(SHIPPED / name, partial / name)
        say(f"typescript: installing its packages into {place}")
        _npm(partial)
        with suppress(OSError):  # another process may have been quicker; its folder has the same content
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def _npm(where: Path) -> None:
    try:
        done = subprocess.run(NPM, cwd=where, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired as error:
        raise StageError(
            f"typescript: npm took more than {LONGEST:.0f} s", "look at the network, then try again"
        ) from error
    if done.returncode != 0:
        why = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StageError(
            f"typescript: npm could not install the packages: {why}", "look at the network, then try again"
        )
