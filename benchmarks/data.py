"""`make bench-data`: conversations into tokens and into packed rows, TRL's own ways beside ours. Writes docs/benchmarks/data.md.

Exit code 1 when tokens or labels differ from TRL's, or a goal is missed. Needs Linux.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Row, Section
from benchmarks.tools import REPOSITORY

if TYPE_CHECKING:
    from benchmarks.data_rows import Kind, Packed
    from benchmarks.data_tokens import Scaling, Tokens

PAGE = REPOSITORY / "docs" / "benchmarks" / "data.md"
TEMPLATES = ("gptoss", "qwen3")
SECONDS = 2.5  # CPU seconds for 1000 chats
EXCESS = 1.002  # times the fewest rows there must be
LIBRARIES = ("trl", "transformers", "tokenizers", "datasets")


def main() -> int:
    """Measure, report."""
    args = _arguments()
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    import torch

    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    sections = [_tokens(args.rounds), _scaling(), _packing()]
    page = "\n".join([_head(load), *(section.markdown() for section in sections)])
    print(page)
    if args.write:
        PAGE.write_text(page, encoding="utf-8")
    return 1 if any(row.passed is False for section in sections for row in section.rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="data preparation beside TRL's")
    parser.add_argument("--rounds", type=int, default=7, help="rounds in which TRL's way and ours take turns")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave the page as it is")
    return parser.parse_args()


def _tokens(rounds: int) -> Section:
    from benchmarks.data_tokens import compare

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    found = [compare(template, rounds) for template in TEMPLATES]
    os.sched_setaffinity(0, cores)
    note = (
        "CPU seconds for 1000 conversations with two tools, a call, its result and two answers, with a tokenizer of 100,000 "
        f"words, on one core: medians of {rounds} rounds in which all took turns. TRL's is the preparation of its SFTTrainer "
        "with `assistant_only_loss`; the floor is rendering the template and tokenising all of it in one call."
    )
    return Section("Tokens and labels", note, [row for each in found for row in _token_rows(each)])


def _token_rows(found: Tokens) -> list[Row]:
    what = f"{found.template}, {found.length:.0f} tokens"
    good = found.ours <= SECONDS and found.same
    labels = "token by token TRL's" if found.same else "**not TRL's**"
    return [
        Row(f"{what}: TRL", f"{found.trl:.2f} s"),
        Row(
            f"{what}: ours", f"{found.ours:.2f} s, {labels}", f"<= {SECONDS} s", found.trl / found.ours, "faster", good
        ),
        Row(f"{what}: floor", f"{found.floor:.2f} s", "", found.ours / found.floor, "the floor is ours"),
    ]


def _scaling() -> Section:
    from benchmarks.data_tokens import scale

    note = (
        "16,000 of the same conversations, seconds for each 1000; the first 2000 are encoded before other processes start. The "
        "ratio is by the CPU time of the busiest process, which is the time by the clock where each has a core to itself."
    )
    found = scale(TEMPLATES[0], sorted({1, 2, 4, len(os.sched_getaffinity(0))}))
    return Section("Several processes", note, [_scaling_row(each, found[0]) for each in found])


def _scaling_row(found: Scaling, alone: Scaling) -> Row:
    others = f", {found.each:.2f} s in each of {found.processes} others" if found.each else ""
    shown = f"{found.wall:.2f} s by the clock; CPU {found.own:.2f} s in the first process{others}"
    return Row(f"{found.processes} processes", shown, "", alone.busiest / found.busiest, "faster")


def _packing() -> Section:
    from benchmarks.data_rows import KINDS, compare

    note = (
        "Rows that packers make of the same conversations, and the share of tokens that are in them. The minimum is all tokens "
        'divided by the length of a row. `data.pack` splits what is longer than a row where an answer ends (`split = "turns"`); '
        "TRL's `bfd` cuts it off, its `bfd_split` cuts anywhere. CPU seconds include the building of the rows."
    )
    return Section("Packing", note, [_packing_row(kind, each) for kind in KINDS for each in compare(kind)])


def _packing_row(kind: Kind, found: Packed) -> Row:
    shown = f"{found.rows} rows, {found.kept:.2%} of tokens, {found.seconds:.1f} s"
    goal = f"<= {EXCESS} x the minimum of {found.minimum}, every token" if found.packer == "data.pack" else ""
    passed = (found.excess <= EXCESS and found.kept == 1) if goal else None
    return Row(f"{kind.name}: {found.packer}", shown, goal, found.excess, "the minimum", passed)


def _head(load: float) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return "\n".join(
        [
            "# Data beside TRL",
            "",
            "Written by `make bench-data`. Compare the lines of one run, not two runs.",
            "",
            f"- {datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, load {load:.1f} before and",
            f"  {os.getloadavg()[0]:.1f} after, Python {platform.python_version()}",
            f"- {versions}",
            "",
        ]
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
