"""`make bench`: starting, doing nothing, doing little, beside doit, Snakemake, DVC and make; a table with goals and verdicts.

Peers are installed into environments of their own under .cache/bench. Takes about ten minutes on two cores; docs/benchmarks/
engine.md is written anew. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import cases
from benchmarks.table import Section
from benchmarks.tools import REPOSITORY, VENVS, Tool, tools

PAGE = REPOSITORY / "docs" / "benchmarks" / "engine.md"


def main() -> int:
    """Measure, print, write the page."""
    args = _arguments()
    known = tools()
    load = os.getloadavg()[0]
    VENVS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=VENVS))
    try:
        sections = [_shown(section) for section in _measure(known, folder, args.megabytes)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if args.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(
            "\n".join([_head(known, load), *(section.markdown() for section in sections)]), encoding="utf-8"
        )
    missed = [row.what for section in sections for row in section.rows if row.passed is False]
    print(f"missed: {', '.join(missed)}" if missed else "every goal was reached")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure stagerun beside its peers")
    parser.add_argument("--megabytes", type=int, default=200, help="size of the large artifact")
    parser.add_argument(
        "--no-write", dest="write", action="store_false", help=f"leave {PAGE.relative_to(REPOSITORY)} as it is"
    )
    return parser.parse_args()


def _measure(known: Mapping[str, Tool], folder: Path, megabytes: int) -> Iterator[Section]:
    yield cases.start_up(known, folder / "start")
    yield cases.up_to_date(known, folder / "idle")
    yield cases.changed_input(known, folder / "changed")
    yield cases.full_run(known, folder / "full")
    yield cases.bytes_read(known, folder / "bytes", megabytes)


def _shown(section: Section) -> Section:
    print(section.markdown(), flush=True)
    return section


def _head(known: Mapping[str, Tool], load: float) -> str:
    """What a number needs beside it: the day, the machine, how busy it was, the versions."""
    versions = ", ".join(f"{tool.name} {tool.version}" for tool in known.values())
    return "\n".join(
        [
            "# The engine beside its peers",
            "",
            "Written by `make bench`. CPU time (user + system, all children), median of several rounds in which all tools took",
            "turns. Compare the columns of one run, not two runs.",
            "",
            f"- {datetime.now(UTC):%Y-%m-%d}, {processor()}, {os.cpu_count()} cores, load {load:.1f} before and",
            f"  {os.getloadavg()[0]:.1f} after, {platform.system()} {platform.release().partition('-')[0]}, "
            f"Python {platform.python_version()}",
            f"- {versions}",
            "",
        ]
    )


def processor() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
