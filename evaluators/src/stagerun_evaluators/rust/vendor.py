"""The sources of prebuilt crates: what they are, the one command that fetches them, and what is in a folder of sources.

They lie in the user's cache as `cargo vendor` lays them: cargo then needs no network. Nothing of it is compiled here.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from stagerun.contracts import Command, Tool
from stagerun.errors import StageError
from stagerun_evaluators.fetching import INSTALL, Fetched, run
from stagerun_evaluators.rust import toolchain
from stagerun_evaluators.rust.prebuilt import SHIPPED, prebuilt

NAME = "crates"
TOLD = "list"  # a file with one line about what is there
CARGO = ("cargo", "vendor", "--quiet", "--versioned-dirs", "vendor")
WINDOWS = frozenset({".a", ".lib", ".dll"})  # two thirds of all bytes, of no use where we run
CRATES = Fetched(f"rust-{NAME}", (SHIPPED / "Cargo.toml", SHIPPED / "checksums"), TOLD)


def sources() -> Path:
    """The folder of sources."""
    return CRATES.folder.resolve() / "vendor"


def installed() -> bool:
    """Whether they are there."""
    return CRATES.there


def tool() -> Tool:
    """What doctor shows of it. Tasks without crates are judged when it is missing."""
    script = 'cat "$1" 2>/dev/null'
    place, todo = CRATES.folder.resolve(), INSTALL if shutil.which(CARGO[0]) else toolchain.INSTALL
    probe = Command(("sh", "-c", script, "sh", str(place / TOLD)), reads=(str(place),))
    return Tool(NAME, probe, todo, optional=True, lack="tasks that need crates are refused")


def install(say: Callable[[str], None]) -> Path:
    """Fetch once. Needs cargo and its registry; raises StageError."""
    place = CRATES.folder
    if CRATES.there:
        say(f"rust: its crates are in {place}")
        return place
    if shutil.which(CARGO[0]) is None:
        raise StageError("rust: cargo was not found", "install Rust with rustup, or cargo of your system")
    say(f"rust: fetching the sources of its crates into {place}")
    CRATES.fetch(_fill)
    return place


def _fill(where: Path) -> None:
    shutil.copy(SHIPPED / "Cargo.toml", where / "Cargo.toml")
    (where / "src").mkdir()
    (where / "src" / "lib.rs").touch()
    run(CARGO, where, "rust: cargo could not fetch the crates")
    _compare(where / "vendor")
    for each in (where / "vendor").iterdir():
        _lighten(each)
    said = f"{len(prebuilt())} crates, listed in {CRATES.folder / 'Cargo.toml'}\n"
    (where / TOLD).write_text(said, encoding="utf-8")


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
