"""Names that the rest agrees on: where built things lie in a candidate's folder, what the harness is called in Go."""

from __future__ import annotations

HARNESS = "stagerun_harness"  # its import path; candidates may not import it
BUILT = ".stagerun"  # below {root}; the go command takes no package from a folder with a dot
SEED = "std"  # the seed with everything of the standard library, compiled
STD = f"{{seed:{SEED}}}/pkg"
FACTS = f"{{seed:{SEED}}}/vetx"
CACHE = f"{{seed:{SEED}}}/cache"
MODULE = "solution"  # of a task without go.mod


def program(number: int) -> str:
    """The path of a test program."""
    return f"{{root}}/{BUILT}/tests{number}"
