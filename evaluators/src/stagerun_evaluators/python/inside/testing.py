"""Runs a task's tests over a candidate with pytest and reports on descriptor 3. A zygote's script, and a program of its own.

The job, JSON on stdin, is described in `inside.session`. Everything heavy is imported and configured by `prepare`, once.
"""

import os
import sys
from importlib import import_module
from typing import Any

_ready: list[Any] = []


def prepare() -> None:
    """Import pytest and the harness; what candidates may import is put back as it was."""
    before = list(sys.path)
    sys.path[:0] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.path += [path for path in os.environ.get("STAGERUN_SITE", "").split(os.pathsep) if path and path not in before]
    try:
        _ready.append(import_module("inside.session").Session())
    finally:
        sys.path[:] = before


def main() -> None:
    """Judge the candidate in this folder."""
    import_module("inside.lanes").run(*_ready.pop().begin())  # nothing of it in a variable: this frame can be reached


if __name__ == "__main__":
    os.environ["STAGERUN_SITE"] = sys.argv[1]
    prepare()
    del os.environ["STAGERUN_SITE"]
    main()
