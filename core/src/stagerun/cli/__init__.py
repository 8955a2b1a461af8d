"""The command line. This module is on the path of every call, so it imports nothing but `sys` until it must.

`--version` ends here, an up-to-date run ends in quick.py, everything else goes through app.py.
"""

import sys

from stagerun._version import __version__


def main() -> int:
    """The console script: reads `sys.argv`, gives the exit code (see `stagerun.errors.Exit`)."""
    argv = sys.argv[1:]
    if argv == ["--version"]:
        print(f"stagerun {__version__}")
        return 0
    from stagerun.cli.quick import answer

    done = answer(argv)
    if done is not None:
        return done
    from stagerun.cli.app import run

    return run(argv)
