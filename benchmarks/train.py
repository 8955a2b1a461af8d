"""`make bench-train KILLS=100`: what training with stagerun costs, and what it survives, beside bare TRL.

Three parts: the time of a step (train_steps.py), random kills and damaged checkpoints (train_kills.py). Writes
docs/benchmarks/train.md; exit code 1 when a result differs, damage goes unseen, or the time of a step misses its goal or is
not decided. Needs Linux.
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
WIDTH, SMALL = 96, 32  # of the model: model.tiny's own for the steps, less where only bytes are compared
LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@frozen
class Found:
    """Everything measured."""

    steps: Steps
    killed: list[Killed]
    damaged: list[Damaged]
    seconds: float

    def faults(self) -> list[str]:
        """What must not be."""
        found = [fault for one in self.killed for fault in one.faults]
        found += [fault for other in self.damaged for fault in other.faults]
        if not (self.steps.same_losses and self.steps.same_weights):
            found.append("losses or weights differ from bare TRL's")
        if not self.steps.sound:
            found.append("the time of a step is not decided: bare TRL differs from itself")
        elif not self.steps.passed:
            found.append("a step takes longer than the goal, or it is not decided")
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
    if args.write and not args.steps_only:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if found.faults() else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="training with stagerun beside bare TRL")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--steps-only", action="store_true", help="only the time of a step; leaves the page as it is")
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
    from benchmarks.train_contenders import even_rows
    from benchmarks.train_kills import everything
    from benchmarks.train_steps import compare
    from benchmarks.training import make_material

    started = time.monotonic()
    killed, damaged = [], []
    (home / "small").mkdir()
    small = make_material(home / "small", hidden_size=SMALL)
    for shots, harms in () if args.steps_only else everything(small, home, args.kills, args.seed):
        killed.append(shots)
        damaged.append(harms)
        print(shots, harms, sep="\n", flush=True)
    (home / "wide").mkdir()
    wide = make_material(home / "wide", hidden_size=WIDTH)
    even_rows(home / "wide")
    steps = compare(wide, home / "steps")
    return Found(steps, killed, damaged, time.monotonic() - started)


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
        "Every goal was reached." if not faults else "**Faults:**",
        *(f"- {fault}" for fault in faults),
        "",
    ]
    parts = [_steps(found.steps), _killed(found.killed), _damaged(found.damaged)]
    return "\n".join([*head, *(part.markdown() for part in parts)])


def _steps(steps: Steps) -> Section:
    from benchmarks.train_steps import BLOCKS, GOAL, NOISE, TRAININGS

    extra, bare = 1 + steps.added / steps.calls, "a bare step"
    off = f"{steps.other} calls more, {steps.fewer} fewer, in all that were counted"
    seconds = {way: milliseconds(value) for way, value in steps.seconds.items()}
    rows = [
        Row("losses of 200 steps", _word(steps.same_losses), "bit for bit", passed=steps.same_losses),
        Row("the adapter", _word(steps.same_weights), "byte for byte", passed=steps.same_weights),
        Row("a step without our part, and TRL's", off, "none more", passed=steps.other == 0),
        Row("bare TRL over itself", f"{steps.null}", f"within {NOISE} of 1", passed=steps.sound),
        Row("train.sft over bare TRL", f"{steps.ratio}", f"<= {GOAL}", passed=steps.passed),
        Row("a step, bare / ours", f"{seconds['bare']} / {seconds['ours']}"),
        Row("calls in a step, bare / ours more", f"{steps.calls:.0f} / {steps.added:.0f}", "", extra, bare, digits=4),
    ]
    note = (
        f"The model of `model.tiny` (GPT-OSS, width {WIDTH}), LoRA on attention and experts. {TRAININGS} trainings of "
        f"{3 * BLOCKS:,} steps, each step with\nor without what `train.sft` adds, by lot; seconds of the processor, ratios with "
        "their 95 % intervals. The protocol was\nsettled before its first run: [step time](step-time.md)."
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
