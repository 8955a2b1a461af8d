"""Builds a seed: a folder kept by content, made in the sandbox, then read-only for everybody."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import attrs

from stagerun.contracts import Completed, Seed
from stagerun.errors import StageError
from stagerun.registry.index import cache_folder
from stagerun_evaluators.judge.work import command_row
from stagerun_evaluators.keeper.wire import CommandRow


def build(
    language: str,
    seed: Seed,
    seeds: Mapping[str, str],
    versions: str,
    run: Callable[[Mapping[str, str], CommandRow, str], Completed],
) -> str:
    """The seed's folder, built when it is not there yet; raises StageError when its command fails.

    Built beside its place and renamed into it when whole, so that a kill leaves nothing that looks like a seed.
    """
    row = command_row(seed.command, seeds)
    said = json.dumps([attrs.asdict(seed), versions], sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    place = cache_folder() / "seeds" / f"{language}-{seed.name}-{digest}"
    if place.exists():
        return str(place)
    partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    done = run(seed.files, row, str(partial))
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        why = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:]) or "no output"
        how = "out of time" if done.timed_out else f"exit code {done.returncode}"
        raise StageError(f"language {language}: its seed {seed.name} could not be built ({how}): {why}")
    _close(partial)
    with suppress(OSError):  # another process may have been quicker; its seed has the same content
        partial.rename(place)
    shutil.rmtree(partial, ignore_errors=True)
    return str(place)


def _close(folder: Path) -> None:
    """Ours again, readable for all, writable for nobody but us."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444)
        if os.geteuid() == 0:
            os.chown(path, 0, 0, follow_symlinks=False)
