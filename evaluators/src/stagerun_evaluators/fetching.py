"""What a language takes from a package registry: fetched once into the user's cache, whole or not at all.

A folder is named by the digest of the files that say what it holds, so that a new version of this distribution never finds the
packages of an old one. Nothing is downloaded at any other time. Not covered: what is fetched, see the languages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from attrs import frozen

from stagerun.errors import StageError
from stagerun.registry.index import cache_folder

INSTALL = "stagerun toolchains install"
LONGEST = 900.0  # seconds
AGAIN = "look at the network, then try again"


@frozen
class Fetched:
    """`name` begins the folder's, `said_by` are the files that say what is in it, `whole` is in it once it is whole."""

    name: str
    said_by: tuple[Path, ...]
    whole: str

    @property
    def folder(self) -> Path:
        """Where it lies, or will."""
        return cache_folder() / "toolchains" / f"{self.name}-{_digest(self.said_by)}"

    @property
    def there(self) -> bool:
        """Whether it was fetched."""
        return (self.folder / self.whole).exists()

    def fetch(self, fill: Callable[[Path], None]) -> None:
        """Have `fill` fill a folder beside the place, which is renamed into it. Raises what that raises, and StageError."""
        place = self.folder
        partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            fill(partial)
            partial.rename(place)
        except OSError as error:
            if not self.there:  # else another process was quicker; its folder has the same content
                raise StageError(f"{place} cannot be written: {error}", "look at the disk and its rights") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@cache
def _digest(files: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


def run(words: Sequence[str], where: Path, failed: str) -> None:
    """Run a package manager in a folder; raises StageError that begins with `failed`, such as 'rust: cargo could not fetch'."""
    try:
        done = subprocess.run(words, cwd=where, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired as error:
        raise StageError(f"{failed}: it took more than {LONGEST:.0f} s", AGAIN) from error
    if done.returncode != 0:
        why = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StageError(f"{failed}: {why}", AGAIN)
