"""Builds a seed: a folder kept by content, made in the sandbox, then read-only for everybody.

Two processes that need the same one do not build it twice: a lock on a file in the cache, which the system takes back from a
process that dies, lets one build while the others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from stagerun.contracts import Completed, Seed
from stagerun.errors import StageError
from stagerun.registry.index import cache_folder
from stagerun_evaluators.judge.work import command_row
from stagerun_evaluators.keeper.wire import CommandRow

Run = Callable[[Mapping[str, str], CommandRow, str], Completed]


def build(
    language: str,
    seed: Seed,
    seeds: Mapping[str, str],
    versions: str,
    run: Run,
    say: Callable[[str], None],
) -> str:
    """The seed's folder, built when it is not there yet; raises StageError when its command fails.

    `say` is told before anything that takes long: that it is built, or that another process is building it.
    """
    row = command_row(seed.command, seeds)
    said = json.dumps([attrs.asdict(seed), versions], sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    place = cache_folder() / "seeds" / f"{language}-{seed.name}-{digest}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(place, say):
            if not place.exists():
                say(f"building {seed.name} for {language}, once for this version of its tools; it is kept in {place}")
                _make(f"language {language}: its seed {seed.name}", seed, row, place, run)
    return str(place)


@contextmanager
def _alone(place: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process, or thread, builds this seed."""
    locks = place.parent.with_name("locks")
    locks.mkdir(exist_ok=True)
    with (locks / place.name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is building {place}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(what: str, seed: Seed, row: CommandRow, place: Path, run: Run) -> None:
    """Built beside its place and renamed into it when whole, so that a kill leaves nothing that looks like a seed."""
    for left in place.parent.glob(f"{place.name}.*partial"):  # of a process that was killed: no other one is at it
        shutil.rmtree(left, ignore_errors=True)
    partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
    partial.mkdir()
    done = run(seed.files, row, str(partial))
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        why = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:]) or "no output"
        how = "out of time" if done.timed_out else f"exit code {done.returncode}"
        raise StageError(f"{what} could not be built ({how}): {why}")
    _close(partial)
    partial.rename(place)


def _close(folder: Path) -> None:
    """Ours again, readable for all, writable for nobody but us."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)
        if os.geteuid() == 0:
            os.chown(path, 0, 0, follow_symlinks=False)
