"""The sources of prebuilt crates: where they lie, the one command that fetches them, and what is in a folder of sources.

They are kept in the user's cache, in a folder named by the digest of what is shipped, as `cargo vendor` lays them: cargo then
needs no network. Nothing is downloaded at any other time, and nothing of it is compiled here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from stagerun.contracts import Command, Tool
from stagerun.errors import StageError
from stagerun.registry.index import cache_folder
from stagerun_evaluators.rust import toolchain
from stagerun_evaluators.rust.prebuilt import SHIPPED, prebuilt

FILES = ("Cargo.toml", "checksums")
NAME = "crates"
TOLD = "list"  # a file with one line about what is there
CARGO = ("cargo", "vendor", "--quiet", "--versioned-dirs", "vendor")
INSTALL = "stagerun toolchains install"
LONGEST = 900.0  # seconds
WINDOWS = frozenset({".a", ".lib", ".dll"})  # two thirds of all bytes, of no use where we run


@cache
def digest() -> str:
    """Of the files that say what is installed."""
    return hashlib.sha256(b"\0".join((SHIPPED / name).read_bytes() for name in FILES)).hexdigest()[:16]


def folder() -> Path:
    """Where it all lies, or will."""
    return cache_folder() / "toolchains" / f"rust-{NAME}-{digest()}"


def sources() -> Path:
    """The folder of sources in it."""
    return folder().resolve() / "vendor"


def installed() -> bool:
    """Whether they are there."""
    return (folder() / TOLD).is_file()


def tool() -> Tool:
    """What doctor shows of it. Tasks without crates are judged when it is missing."""
    script = 'cat "$1" 2>/dev/null'
    place, todo = folder().resolve(), INSTALL if shutil.which(CARGO[0]) else toolchain.INSTALL
    probe = Command(("sh", "-c", script, "sh", str(place / TOLD)), reads=(str(place),))
    return Tool(NAME, probe, todo, optional=True, lack="tasks that need crates are refused")


def install(say: Callable[[str], None]) -> Path:
    """Fetch once, beside the place and renamed into it when whole. Needs cargo and its registry; raises StageError."""
    place = folder()
    if installed():
        say(f"rust: its crates are in {place}")
        return place
    if shutil.which(CARGO[0]) is None:
        raise StageError("rust: cargo was not found", "install Rust with rustup, or cargo of your system")
    partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "src").mkdir(parents=True)
    try:
        say(f"rust: fetching the sources of its crates into {place}")
        _fill(partial)
        with suppress(OSError):  # another process may have been quicker; its folder has the same content
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def _fill(where: Path) -> None:
    shutil.copy(SHIPPED / "Cargo.toml", where / "Cargo.toml")
    (where / "src" / "lib.rs").touch()
    _cargo(where)
    _compare(where / "vendor")
    for each in (where / "vendor").iterdir():
        _lighten(each)
    said = f"{len(prebuilt())} crates, listed in {folder() / 'Cargo.toml'}\n"
    (where / TOLD).write_text(said, encoding="utf-8")


def _cargo(where: Path) -> None:
    try:
        done = subprocess.run(CARGO, cwd=where, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired as error:
        raise StageError(
            f"rust: cargo took more than {LONGEST:.0f} s", "look at the network, then try again"
        ) from error
    if done.returncode != 0:
        why = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StageError(f"rust: cargo could not fetch the crates: {why}", "look at the network, then try again")


def _compare(vendored: Path) -> None:
    """What came must be what was looked at when the list was made: the digests of the whole packages are equal."""
    wanted = {tuple(line.split()) for line in (SHIPPED / "checksums").read_text(encoding="utf-8").splitlines()}
    came = {(name, version, _sums(vendored / said)["package"]) for name, version, said in contents(str(vendored))}
    if wrong := sorted(f"{name} {version}" for name, version, _ in wanted ^ came):
        raise StageError(
            f"rust: {wrong[0]} is not what was to come", "see which registry cargo is told to use, then try again"
        )


def _sums(crate: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((crate / ".cargo-checksum.json").read_text(encoding="utf-8"))
    return found


def _lighten(crate: Path) -> None:
    """Take away libraries for Windows, also from the list of what must be there."""
    gone = [path for path in crate.rglob("*") if path.suffix in WINDOWS and path.is_file()]
    if not gone:
        return
    sums = _sums(crate)
    for path in gone:
        sums["files"].pop(path.relative_to(crate).as_posix(), None)
        path.unlink()
    (crate / ".cargo-checksum.json").write_text(json.dumps(sums), encoding="utf-8")


@cache
def contents(vendored: str) -> tuple[tuple[str, str, str], ...]:
    """Name, version and folder of every crate in a folder that `cargo vendor` made; nothing where there is none."""
    return tuple(_contents(Path(vendored)))


def _contents(vendored: Path) -> Iterator[tuple[str, str, str]]:
    for each in sorted(vendored.glob("*/Cargo.toml")):
        with suppress(OSError, ValueError, KeyError):
            package: Mapping[str, str] = tomllib.loads(each.read_text(encoding="utf-8"))["package"]
            yield package["name"], package["version"], each.parent.name
