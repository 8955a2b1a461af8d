"""Kills at random instants over SFT, IPO and GRPO, saves included; and every file of a checkpoint damaged in turn."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field

from benchmarks.training import STAGES, Material, digests, work
from benchmarks.trial import aim, finished, shot
from stagerun.store.checkpoints import CheckpointFolder


@define
class Killed:
    """What the kills of one stage showed."""

    stage: str
    seconds: float  # of the uninterrupted run
    found: Counter[str] = field(factory=Counter)  # what kills fell on
    resumed: int = 0  # runs that went on from a checkpoint
    same: int = 0
    faults: list[str] = field(factory=list)

    @property
    def kills(self) -> int:
        """Those that found the process alive."""
        return sum(count for what, count in self.found.items() if what != "too late")


def kill(material: Material, home: Path, kind: str, kills: int, chance: Random) -> Killed:
    """Kill a stage so many times; after each kill it goes on to its end and is compared with the uninterrupted run."""
    whole = home / kind / "whole"
    seconds = finished(_act(material, kind, whole), _log(whole))
    expected, done = digests(whole), Killed(kind, seconds)
    saves = int(STAGES[kind][1]["max_steps"]) // int(STAGES[kind][1]["save_steps"])
    while done.kills < kills:
        place = home / kind / "cut"
        shutil.rmtree(place, ignore_errors=True)
        what = shot(_act(material, kind, place), _log(place), place / "checkpoints", aim(seconds, saves, chance))
        done.found[_kind_of(what)] += 1
        if what == "too late":
            continue
        done.resumed += any((place / "checkpoints").glob("step_*"))
        finished(_act(material, kind, place), _log(place))
        if digests(place) == expected:
            done.same += 1
        else:
            done.faults.append(f"{kind}: another result after a kill {what}")
    return done


def _kind_of(what: str) -> str:
    return "between saves" if what.startswith("after") else what


def _act(material: Material, kind: str, place: Path) -> Callable[[], None]:
    place.mkdir(parents=True, exist_ok=True)

    def act() -> None:
        descriptor = os.open(place / "events", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        work(material.job(kind, place), descriptor)

    return act


def _log(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place.parent / f"{place.name}.log"


# ---- damage


@define
class Damaged:
    """What damage to one stage's newest checkpoint showed."""

    stage: str
    files: int
    tried: int = 0
    detected: int = 0
    same: int = 0  # of three runs that went on from the older one, with a file truncated, flipped, deleted
    faults: list[str] = field(factory=list)


def damage(material: Material, home: Path, kind: str) -> Damaged:
    """Truncate, flip a byte of, and delete every file of the newest checkpoint; the next older one must be taken."""
    whole = home / kind / "whole"
    before = sorted((whole / "checkpoints").glob("step_*"))
    newest, older = before[-1], before[-2]
    names = sorted(str(path.relative_to(newest)) for path in newest.rglob("*") if path.is_file())
    done, expected = Damaged(kind, len(names)), digests(whole)
    for number, (name, how) in enumerate((name, how) for name in names for how in HOW):
        place = home / kind / "damaged"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(whole, place)
        HOW[how](place / "checkpoints" / newest.name / name)
        done.tried += 1
        if _older_is_taken(place / "checkpoints", newest.name, older.name):
            done.detected += 1
        else:
            done.faults.append(f"{kind}: {name} {how} was not detected")
        if number < len(HOW):  # one of each kind goes on to its end
            finished(_act(material, kind, place), _log(place))
            done.same += digests(place) == expected
    return done


def _older_is_taken(folder: Path, newest: str, older: str) -> bool:
    told: list[tuple[str, Any]] = []
    found = CheckpointFolder(folder, "bench", 3, lambda kind, **data: told.append((kind, data))).latest()
    named = any(kind == "checkpoint.rejected" and data["path"].endswith(newest) for kind, data in told)
    return named and found is not None and found.path.name == older


def _truncate(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


HOW: dict[str, Callable[[Path], None]] = {"truncated": _truncate, "byte flipped": _flip, "deleted": Path.unlink}


def everything(material: Material, home: Path, kills: int, seed: int) -> Iterator[tuple[Killed, Damaged]]:
    """All of it, stage by stage; kills are shared out evenly."""
    chance = Random(seed)
    for place, kind in enumerate(STAGES):
        share = kills // len(STAGES) + (place < kills % len(STAGES))
        yield kill(material, home, kind, share, chance), damage(material, home, kind)
