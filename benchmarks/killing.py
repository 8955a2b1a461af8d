"""Kill a run of stagerun with all its processes at a chosen instant. Linux: the process tree is read from /proc."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

TICK = 0.002  # seconds between looks at the disk
ENDED = "ended by itself"
LATE = 3.0  # seconds at most from the start to a kill whose stage was over before


@frozen
class Aim:
    """Where a kill is aimed: at a stage, `delay` seconds after `moment` was seen there.

    Moments: `start` (the stage has begun), `checkpoint` (one is being written), `commit` (the result is whole and not yet in
    its place). The kill comes at the end of the stage at the latest: what is aimed at later stages must still find them.
    """

    stage: str
    moment: str
    delay: float
    late: float  # the delay after the run's own start, should an earlier kill have come after the stage's end


def kill_at(argv: Sequence[str], folder: Path, aim: Aim, cwd: Path) -> str:
    """Start a run over `folder` and kill it; says where it hit, or that the run ended before."""
    run = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
    events = folder / "events.jsonl"
    seen = events.stat().st_size if events.exists() else 0
    over = _finished(aim, events)
    while run.poll() is None and not _reached(aim, folder, seen):
        time.sleep(TICK)
    until = time.monotonic() + (aim.late if over else aim.delay)
    while run.poll() is None and time.monotonic() < until and (over or not _finished(aim, events)):
        time.sleep(TICK)
    if run.returncode is not None:
        return f"{ENDED} with {run.returncode}"
    kill_tree(run.pid)
    run.wait()
    return last_words(_lines_after(events, seen))


def _lines_after(events: Path, offset: int) -> str:
    if not events.exists():
        return ""
    with events.open("rb") as stream:
        stream.seek(offset)
        return stream.read().decode(errors="replace")


def _reached(aim: Aim, folder: Path, seen: int) -> bool:
    """Whether the moment is there, or the stage is past it, even since an earlier run. `seen`: where this run's events begin."""
    stage, events = folder / aim.stage, folder / "events.jsonl"
    if _finished(aim, events):
        return True
    if f'"kind":"stage.started","stage":"{aim.stage}"' not in (said := _lines_after(events, seen)):
        return False
    begun = float(said.partition('"time":')[2].partition(",")[0])  # what is older was left by an earlier kill
    if aim.moment == "checkpoint":
        return any(_newer(path, begun) for path in stage.glob("checkpoints/.step_*"))
    return aim.moment == "start" or _newer(stage / ".partial" / "manifest.json", begun)


def _finished(aim: Aim, events: Path) -> bool:
    return f'"kind":"stage.finished","stage":"{aim.stage}"' in _lines_after(events, 0)


def _newer(path: Path, than: float) -> bool:
    try:
        return path.stat().st_mtime >= than
    except OSError:
        return False


def last_words(said: str) -> str:
    """The last event of the killed run, as `kind stage`; a last line may be torn."""
    whole = [line for line in said.split("\n") if line.startswith("{") and line.endswith("}")]
    if not whole:
        return "before its first event"
    kind, stage = (whole[-1].partition(f'"{key}":"')[2].partition('"')[0] for key in ("kind", "stage"))
    return f"after {kind} {stage}".rstrip()


def kill_tree(root: int) -> None:
    """SIGKILL to a process and everything below it, whatever session it is in; returns when all of it is gone."""
    victims: set[int] = {root}
    while True:
        victims |= _below(victims)
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not any(_alive(pid) for pid in victims):
            return
        time.sleep(TICK)


def _below(pids: set[int]) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
    found, before = set(pids), 0
    while len(found) != before:
        before = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def _alive(pid: int) -> bool:
    """Whether it still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def aims(durations: dict[str, float], trainers: set[str], count: int, chance: random.Random) -> list[Aim]:
    """`count` aims, spread over the graph by how long its stages take; half anywhere, half at saves and commits.

    They come in the order of the graph, so that every part of it is hit while it is being made.
    """
    stages = list(durations)
    chosen = sorted(
        chance.choices(stages, weights=[durations[stage] + 1 for stage in stages], k=count), key=stages.index
    )
    return [_aim(stage, durations[stage], stage in trainers, chance) for stage in chosen]


def _aim(stage: str, seconds: float, trains: bool, chance: random.Random) -> Aim:
    moment = chance.choice(["start", "start", "checkpoint" if trains else "commit", "commit"])
    delay = chance.uniform(0, seconds if moment == "start" else 0.05)
    return Aim(stage, moment, delay, chance.uniform(0, LATE))
