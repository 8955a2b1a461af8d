"""The short way for a run that has nothing to do: every file that could change the plan has its old size and time.

Written after a run in which everything stands; keyed by the command. It is only ever a shortcut: whatever is unclear (a changed
file, another engine, an installed hook plugin, an event it does not know of) goes the long way. Imports nothing heavy.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from stagerun._version import __version__
from stagerun.registry.index import cache_folder, index_key

Signature = list[int]
SPLIT = '\n "stages": {\n'  # as in record.views, which is too heavy to import here


class Selection(NamedTuple):
    """What the command line selects."""

    file: str
    pipeline: str
    profiles: Sequence[str]
    sets: Sequence[str]
    run_dir: str | None


class Standing(NamedTuple):
    """A run directory in which every stage stands."""

    root: Path
    stages: list[str]
    note: Path  # size and number of lines of events.jsonl when it was written


def recall(selection: Selection) -> Standing | None:
    """The standing run of this selection, or None when anything may have changed since."""
    path = _path(selection)
    try:
        value = json.loads(path.read_bytes())
        if value["key"] != _key():
            return None
        stat = os.stat
        for name, mtime, size, inode in value["files"]:
            found = stat(name)
            if found.st_mtime_ns != mtime or found.st_size != size or found.st_ino != inode:
                return None
        return Standing(Path(value["root"]), value["stages"], path.with_suffix(".tail"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def enter(standing: Standing, command: str) -> bool:
    """Record the run that had nothing to do; False when another engine is at work or has been since."""
    try:
        descriptor = os.open(standing.root / ".lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _record(standing, command)
    except (OSError, ValueError, KeyError):  # also when somebody holds the lock: the long way says who
        return False
    finally:
        os.close(descriptor)


def remember(
    selection: Selection, root: Path, stages: Iterable[str], files: Iterable[Path], sign: Callable[[Path], Signature]
) -> None:
    """Note that everything stands; called by the engine's command after a run that ended well."""
    path = _path(selection)
    with suppress(OSError):
        rows = [[str(file), *sign(file)] for file in dict.fromkeys(files)]
        value = {"key": _key(), "root": str(root), "stages": list(stages), "files": rows}
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
        journal = root / "events.jsonl"
        with journal.open("rb") as stream:
            count = sum(1 for _ in stream)
        path.with_suffix(".tail").write_text(f"{journal.stat().st_size} {count}", encoding="utf-8")
        partial.replace(path)


def module_files(packages: Iterable[str]) -> list[Path]:
    """Source files of the loaded modules of these packages: a stage whose code changed must be looked at again."""
    tops = {package.partition(".")[0] for package in packages}
    loaded = [(name, getattr(module, "__file__", None)) for name, module in sys.modules.items()]
    return [Path(file) for name, file in loaded if file and name.partition(".")[0] in tops]


def _record(standing: Standing, command: str) -> bool:
    journal = standing.root / "events.jsonl"
    size, count = map(int, standing.note.read_text(encoding="utf-8").split())
    if journal.stat().st_size != size:
        return False
    now = time.time()
    run = time.strftime("%Y%m%d-%H%M%S-", time.gmtime(now)) + str(os.getpid())
    host = os.uname().nodename
    rows = [
        {"kind": "run.started", "up_to_date": True, "pid": os.getpid(), "host": host, "command": command},
        {"kind": "run.finished", "status": "done", "exit_code": 0, "seconds": 0.0},
    ]
    head = {"time": round(now, 3), "run": run}
    text = "".join(json.dumps({"seq": count + index, **head, **row}) + "\n" for index, row in enumerate(rows))
    with journal.open("a", encoding="utf-8") as stream:
        stream.write(text)
    _refresh_summary(
        standing.root / "run-summary.json", count + 2, {"id": run, "started": now, "ended": now, **rows[0]}
    )
    standing.note.write_text(f"{size + len(text.encode())} {count + 2}", encoding="utf-8")
    return True


def _refresh_summary(path: Path, events: int, run: dict[str, object]) -> None:
    """Rewrite the head of run-summary.json alone: the stages are as they were."""
    head, split, stages = path.read_text(encoding="utf-8").partition(SPLIT)
    value = json.loads(head.rstrip(",") + "}")
    before = value["run"]
    value["earlier_runs"] = [*value["earlier_runs"], {key: before[key] for key in ("id", "state", "exit_code")}][-20:]
    value["run"] = {
        **before,
        "checks": {},
        **{key: run[key] for key in ("id", "started", "ended", "pid", "host", "command")},
    }
    value["events"] = events
    rows = ",".join(f"\n {json.dumps(key)}: {json.dumps(row, ensure_ascii=False)}" for key, row in value.items())
    partial = path.with_name(".run-summary.partial")
    partial.write_text("{" + rows + "," + split + stages, encoding="utf-8")
    partial.replace(path)


def _path(selection: Selection) -> Path:
    import hashlib

    own = [
        os.environ.get(name, "") for name in ("STAGERUN_DISABLE_PLUGINS", "CUDA_VISIBLE_DEVICES")
    ]  # profiles may ask
    text = json.dumps([os.path.abspath(selection.file), *selection[1:], os.getcwd(), *own])  # noqa: PTH100, PTH109
    return cache_folder() / "standing" / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"


def _key() -> str:
    return "\n".join([__version__, os.uname().nodename, index_key()])
