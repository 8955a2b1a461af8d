"""`make bench-train KILLS=100`: what training with stagerun costs, and what it survives, beside bare TRL.

Three parts: the time of a step (train_steps.py), random kills and damaged checkpoints (train_kills.py). Writes
docs/benchmarks/train.md; exit code 1 when a result differs or damage goes unseen. Step times get
no verdict: docs/benchmarks/step-time.md says why. Needs Linux.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from benchmarks.table import Row, Section, milliseconds
from benchmarks.tools import REPOSITORY, VENVS

if TYPE_CHECKING:
    from benchmarks.train_kills import Damaged, Killed
    from benchmarks.train_steps import Steps

PAGE = REPOSITORY / "docs" / "benchmarks" / "train.md"
GOAL = 1.01  # times a bare TRL step
UNDECIDED = "Whether a step is as fast as bare TRL's is [not decided](step-time.md)."  # methods and runs differ by more than 1 %
WIDTH, SMALL = 96, 32  # of the model: model.tiny's own for the steps, less where only bytes are compared
LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@frozen
class Found:
    """Everything measured."""

    steps: Steps
    control: Steps
    killed: list[Killed]
    damaged: list[Damaged]
    seconds: float

    def faults(self) -> list[str]:
        """What must not be."""
        found = [fault for one in self.killed for fault in one.faults]
        found += [fault for other in self.damaged for fault in other.faults]
        if not (self.steps.same_losses and self.steps.same_weights):
            found.append("losses or weights differ from bare TRL's")
        return found


def main() -> int:
    """Measure, report."""
    args = _arguments()
    _settle()
    VENVS.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="train-", dir=VENVS))
    try:
        found = _measure(args, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    text = _page(args, found)
    print(text)
    if args.write:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if found.faults() else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="training with stagerun beside bare TRL")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=4, help="trainings of each kind for the step time")
    parser.add_argument("--seed", type=int, default=1, help="of the kills' instants")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave the page as it is")
    return parser.parse_args()


def _settle() -> None:
    """Nothing from the network, one thread: what is forked must have no others, and steps should not wait for cores."""
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    from stagerun_stages.models.loading import quiet

    quiet()
    import torch

    torch.set_num_threads(1)


def _measure(args: argparse.Namespace, home: Path) -> Found:
    from benchmarks.train_kills import everything
    from benchmarks.train_steps import compare
    from benchmarks.training import make_material

    started = time.monotonic()
    killed, damaged = [], []
    (home / "small").mkdir()
    for shots, harms in everything(make_material(home / "small", hidden_size=SMALL), home, args.kills, args.seed):
        killed.append(shots)
        damaged.append(harms)
        print(shots, harms, sep="\n", flush=True)
    (home / "wide").mkdir()
    steps, control = compare(make_material(home / "wide", hidden_size=WIDTH), home / "steps", args.rounds)
    return Found(steps, control, killed, damaged, time.monotonic() - started)


def _page(args: argparse.Namespace, found: Found) -> str:
    faults = found.faults()
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    head = [
        "# Training beside bare TRL, killed and damaged",
        "",
        f"Written by `make bench-train KILLS={args.kills}` on {datetime.now(UTC):%Y-%m-%d} in {found.seconds:.0f} s: "
        f"{os.cpu_count()} cores of {platform.machine()}",
        f"shared with other work (load {os.getloadavg()[0]:.1f}), one thread, float32, Python {platform.python_version()}, "
        f"{versions}.",
        "",
        f"Kills, damage and losses held. {UNDECIDED}" if not faults else "**Faults:**",
        *(f"- {fault}" for fault in faults),
        "",
    ]
    parts = [_steps(args, found.steps, found.control), _killed(found.killed), _damaged(found.damaged)]
    return "\n".join([*head, *(part.markdown() for part in parts)])


def _steps(args: argparse.Namespace, steps: Steps, control: Steps) -> Section:
    rows = []
    for which, clock in enumerate(("clock", "processor")):
        ours, bare, ratio = steps.seconds("ours", which), steps.seconds("bare", which), steps.ratio(which)
        null = control.ratio(which)
        rows.append(Row(f"train.sft, {clock}", milliseconds(ours), f"<= {GOAL} x", ratio, "TRL", digits=3))
        rows.append(Row(f"bare TRL, {clock}", milliseconds(bare)))
        rows.append(
            Row(
                f"bare TRL beside itself, {clock}",
                milliseconds(control.seconds("ours", which)),
                "",
                null,
                "TRL",
                digits=3,
            )
        )
    rows.append(Row("losses of all steps", _word(steps.same_losses), "bit for bit", passed=steps.same_losses))
    rows.append(Row("the adapter", _word(steps.same_weights), "byte for byte", passed=steps.same_weights))
    note = (
        f"The model of `model.tiny` (GPT-OSS, width {WIDTH}), LoRA on attention and experts, 200 steps, {args.rounds} rounds, "
        "both in one process,\nturn by turn at every step. A step lasts from its beginning to the next one's, logging and "
        "metrics included; of each step the fastest round counts,\nof these the median. How far bare TRL beside itself is from 1 "
        "says how much of a difference is noise within this run;\nother runs and methods differ by more. No verdict: see "
        "[step time](step-time.md)."
    )
    return Section("The time of a step", note, rows)


def _killed(killed: list[Killed]) -> Section:
    rows = [
        Row(
            each.stage,
            f"{each.same} of {each.kills} the same; {each.resumed} resumed; "
            + ", ".join(f"{count} {what}" for what, count in sorted(each.found.items())),
            "all the same",
            passed=each.same == each.kills,
        )
        for each in killed
    ]
    note = (
        f"SIGKILL, half of them anywhere in the run, half at a save; then the stage goes on to its end. Adapter and the history\n"
        f"of losses are compared byte for byte with an uninterrupted run of 10 steps (width {SMALL}). Kills that came too late, "
        "when\nthe run was over, are not counted. Every second checkpoint of GRPO falls between two generations."
    )
    return Section("Random kills", note, rows)


def _damaged(damaged: list[Damaged]) -> Section:
    rows = [
        Row(
            each.stage,
            f"{each.detected} of {each.tried} detected ({each.files} files); {each.same} of 3 went on to the same bytes",
            "all",
            passed=each.detected == each.tried and each.same == 3,
        )
        for each in damaged
    ]
    note = (
        "Each single file of the newest checkpoint is truncated to half, has one bit flipped, is deleted. Detected means: the\n"
        "checkpoint is named in an event and the next older one is taken. Three of these go on to the end."
    )
    return Section("Damaged checkpoints", note, rows)


def _word(same: bool) -> str:
    return "the same" if same else "differ"


if __name__ == "__main__":
    sys.exit(main())
