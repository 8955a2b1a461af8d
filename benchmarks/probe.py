"""Runs stagerun's command line in this process and writes what it did besides computing: `probe.py OUT.json ARGS...`.

Counted here and not with strace, which not every machine has: calls of fsync and fdatasync, bytes read by the process (rchar
of /proc/self/io, Linux only; mapped files would escape it), and which heavy libraries were imported.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

HEAVY = ("torch", "numpy", "transformers", "trl", "peft", "datasets")


def bytes_read() -> int:
    """Bytes this process has asked the system for so far; 0 where that is not told."""
    try:
        return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0


def counting(function: Callable[[int], None], counts: dict[str, int]) -> Callable[[int], None]:
    """The function, with its calls counted."""

    def counted(descriptor: int) -> None:
        counts["fsyncs"] += 1
        function(descriptor)

    return counted


def main() -> int:
    """Run the command; its exit code is ours."""
    target = Path(sys.argv[1]).absolute()
    sys.argv = ["stagerun", *sys.argv[2:]]
    counts = {"fsyncs": 0}
    os.fsync, os.fdatasync = counting(os.fsync, counts), counting(os.fdatasync, counts)  # type: ignore[assignment]
    before = bytes_read()
    from stagerun.cli import main as stagerun

    try:
        return stagerun()
    finally:
        heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(HEAVY))
        target.write_text(json.dumps({**counts, "read": bytes_read() - before, "heavy": heavy}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
