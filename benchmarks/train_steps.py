"""What `train.sft` adds to the time of a step of bare TRL, by a protocol that was settled before its first run.

1. Ours and a bare TRL script train 200 steps: losses and adapters must be the same bytes.
2. A step of ours without its callbacks must call nothing that a step of the script does not call (census.py).
3. So the two are compared inside one training, step by step by lot (taking_turns.py): `TRAININGS` processes, one after the
   other, of `BLOCKS` blocks of three steps each; the first `LEFT_OUT` steps of each, in which proofs are made, are left out.
   A block gives the logarithm of ours over the mean of its two bare steps, and of the one bare step over the other. Of each
   the mean of the middle half counts, with a 95 % interval from `RESAMPLED` resamples of pieces of `PIECE` blocks. Seconds
   are the processor's, user and system: the machine may do other work.

The measurement holds when the interval of bare over bare is within `NOISE` of 1. Then the goal is met when the whole interval of
ours over bare is at most `GOAL`, missed when it is wholly above, and otherwise not decided. Every run is told
as it comes, in docs/benchmarks/step-time.md.
"""

from __future__ import annotations

import gc
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Any

from attrs import frozen

from benchmarks.census import Census
from benchmarks.taking_turns import Turns
from benchmarks.train_contenders import LOSSES, WEIGHTS, bare, ours
from benchmarks.training import Material
from benchmarks.trial import finished

GOAL, NOISE = 1.01, 0.003
STEPS = 200  # of the trainings that are compared byte by byte
TRAININGS, BLOCKS, LEFT_OUT, PIECE, RESAMPLED = 6, 2000, 20, 20, 10_000
COUNTED = (21, 40)  # steps of which the calls are counted

Block = dict[str, float]


@frozen
class Interval:
    """A ratio with its 95 % interval."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.4f} ({self.low:.4f} to {self.high:.4f})"


@frozen
class Steps:
    """All that was found. `calls` are those of a bare step, `added` those of ours beyond them.

    `other` are calls of a step without our part that a bare one has not, `fewer` those the other way round: with such the bare
    steps that take turns with ours are a little cheaper than TRL's, and the ratio is on the safe side.
    """

    ratio: Interval
    null: Interval
    seconds: dict[str, float]
    calls: float
    added: float
    other: int
    fewer: int
    same_losses: bool
    same_weights: bool

    @property
    def sound(self) -> bool:
        """Whether the measurement can tell what it should."""
        return self.other == 0 and self.null.low >= 1 - NOISE and self.null.high <= 1 + NOISE

    @property
    def passed(self) -> bool | None:
        """Whether the goal is met; None when the measurement does not tell."""
        if not self.sound or self.ratio.low <= GOAL < self.ratio.high:
            return None
        return self.ratio.high <= GOAL


def compare(material: Material, home: Path) -> Steps:
    """Do all three parts."""
    home.mkdir()
    counts = {name: _counted(material, home / f"calls_{name}", name) for name in ("ours", "without", "bare")}
    blocks = [block for number in range(TRAININGS) for block in _blocks(material, home / f"turns_{number}", number)]
    ratio, null = intervals(blocks)
    steps = COUNTED[1] - COUNTED[0] + 1
    return Steps(
        ratio,
        null,
        {way: median(block[way] for block in blocks) for way in blocks[0]},
        counts["bare"].total() / steps,
        (counts["ours"].total() - counts["bare"].total()) / steps,
        (counts["without"] - counts["bare"]).total(),
        (counts["bare"] - counts["without"]).total(),
        *_same(material, home),
    )


def intervals(blocks: Sequence[Block]) -> tuple[Interval, Interval]:
    """Ours over bare, and bare over itself."""
    chance = Random(0)
    ratios = [math.log(each["ours"]) - math.log(each["bare"] * each["again"]) / 2 for each in blocks]
    nulls = [math.log(each["again"]) - math.log(each["bare"]) for each in blocks]
    return _interval(ratios, chance), _interval(nulls, chance)


def _interval(values: Sequence[float], chance: Random) -> Interval:
    pieces = [values[at : at + PIECE] for at in range(0, len(values), PIECE)]
    found = sorted(
        _middle([value for piece in chance.choices(pieces, k=len(pieces)) for value in piece]) for _ in range(RESAMPLED)
    )
    edges = found[int(0.025 * RESAMPLED)], found[int(0.975 * RESAMPLED)]
    return Interval(*map(math.exp, (_middle(values), *edges)))


def _middle(values: Sequence[float]) -> float:
    """The mean of the middle half."""
    quarter = len(values) // 4
    return fmean(sorted(values)[quarter : len(values) - quarter])


# ---- the trainings, each in a process of its own


def _apart(place: Path, act: Callable[[Path], Any]) -> Any:
    """What `act` gives, done in a forked process."""

    def do() -> None:
        gc.collect()
        gc.freeze()  # what was loaded before the fork is not looked through again and again
        found = act(place)
        place.with_suffix(".json").write_text(json.dumps(found), encoding="ascii")

    finished(do, place.with_suffix(".log"))
    return json.loads(place.with_suffix(".json").read_text(encoding="ascii"))


def _counted(material: Material, place: Path, name: str) -> Counter[str]:
    def act(where: Path) -> Counter[str]:
        census = Census(*COUNTED, bare=name == "without")
        (bare if name == "bare" else ours)(material, where, census.begin, COUNTED[1] + 1)
        return census.names()

    return Counter(_apart(place, act))


def _blocks(material: Material, place: Path, number: int) -> list[Block]:
    def act(where: Path) -> list[Block]:
        chance = Random(number)
        moved = [bytearray(chance.randint(1, 4096)) for _ in range(chance.randint(0, 4000))]
        turns = Turns(chance, LEFT_OUT)
        ours(material, where, turns.begin, LEFT_OUT + 3 * BLOCKS + 1)
        del moved
        return turns.blocks

    return list(_apart(place, act))


def _same(material: Material, home: Path) -> tuple[bool, bool]:
    """Whether losses are the same bit for bit, and adapters byte for byte."""
    for name, run in (("ours", ours), ("bare", bare)):
        _apart(home / f"whole_{name}", lambda where, run=run: run(material, where, lambda _: None, STEPS))  # type: ignore[misc]
    mine, theirs = home / "whole_ours", home / "whole_bare"
    losses = [json.loads((each / LOSSES).read_text(encoding="ascii")) for each in (mine, theirs)]
    weights = [(each / WEIGHTS).read_bytes() for each in (mine, theirs)]
    return losses[0] == losses[1] and len(losses[0]) == STEPS, weights[0] == weights[1]
