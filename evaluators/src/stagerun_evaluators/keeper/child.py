"""The first moments of a command: from the keeper's fork to the first instruction of the program.

A zygote's command needs no exec: its `main()` runs in the forked child, which saves the start of an interpreter and all that
the script's `prepare()` did. The keeper's frames are then below it on the stack, so the keeper keeps nothing secret in them.
Anything else is exec'ed.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import builtins
import fcntl
import math
import os
import signal
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from stagerun_evaluators.keeper.wire import PYTHON, CommandRow
from stagerun_evaluators.sandbox.base import Limits

_KEEPERS = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM)  # signals that the keeper handles its own way
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)  # signals that every Python ignores; other programs must not inherit that
CANNOT_START = 127  # as a shell says it
_COLD = (  # a zygote's script where the isolation is a launcher, which cannot confine a fork
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from stagerun_evaluators.keeper.child import start_cold; "
    "del sys.path[0]; start_cold(sys.argv[1:])"
)


def load_zygote(script: str) -> ModuleType:
    """Run a zygote's script, and its `prepare()` if it has one, under a name that is not `__main__`."""
    module = ModuleType("zygote")
    module.__dict__.update(__file__=script, __builtins__=dict(vars(builtins)))
    sys.modules["zygote"] = module
    exec(compile(Path(script).read_bytes(), script, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    getattr(module, "prepare", lambda: None)()
    return module


def become_command(
    row: CommandRow,
    environ: dict[str, str],
    streams: tuple[int, int, int, int],
    box: Limits,
    zygote: ModuleType | None,
    *,
    cold: bool,
) -> NoReturn:
    """Turn this forked child into the command; `streams` become descriptors 0 to 3. `cold`: it is a zygote's, from nothing.

    Whatever can be made before the fork is made there: here every page of memory that is touched first has to be copied.
    Raises OSError for a program that is not there or may not be run.
    """
    root, reads, seconds = box.root, row["reads"], math.ceil(row["timeout"])
    os.setsid()
    _take_streams(streams)
    _reset(_KEEPERS)
    box.confine(root=root, reads=reads, memory_mb=row["memory_mb"], seconds=seconds)
    os.chdir(root)
    argv = [word.replace("{root}", root) for word in row["argv"]]
    if zygote is not None:
        os.environ.clear()
        os.environ.update(environ)
        run_zygote(zygote, argv)
    _reset(_PYTHONS)
    if cold:
        argv = [*PYTHON, "-c", _COLD, str(Path(__file__).parents[2]), *argv]
    argv = [*box.wrap(argv, root=root, reads=reads, memory_mb=row["memory_mb"], seconds=seconds)]
    os.execvpe(argv[0], argv, environ)  # noqa: S606 - no shell is wanted


def environment(row: CommandRow, root: str, *, cold: bool) -> dict[str, str]:
    """What a toolchain needs to work, the command's own variables, and nothing of the user's."""
    bare = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": root, "TMPDIR": root}
    site = {"STAGERUN_SITE": os.environ["STAGERUN_SITE"]} if cold else {}
    return bare | {name: value.replace("{root}", root) for name, value in row["environ"].items()} | site


def _reset(signals: tuple[signal.Signals, ...]) -> None:
    for number in signals:
        _signal.signal(number, _signal.SIG_DFL)  # without the enumerations that signal.signal makes of its result


def _take_streams(streams: tuple[int, int, int, int]) -> None:
    """Make the streams 0 to 3 and close everything else; moved up first, as one may stand where another must go."""
    signal.set_wakeup_fd(-1)
    moved = [fcntl.fcntl(stream, fcntl.F_DUPFD, len(streams)) for stream in streams]
    for number, stream in enumerate(moved):
        os.dup2(stream, number)
    os.closerange(len(streams), os.sysconf("SC_OPEN_MAX"))


def run_zygote(module: ModuleType, argv: list[str]) -> NoReturn:
    """Run the zygote's `main()` as `__main__`, end as an interpreter would; handlers left with atexit are not run."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "stagerun_evaluators"]:
        del sys.modules[name]
    module.__name__ = "__main__"
    sys.modules["__main__"], sys.argv = module, argv
    sys.modules.pop("zygote", None)
    status = 1
    try:
        module.main()
        status = 0
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status & 0xFF)


def start_cold(argv: list[str]) -> NoReturn:
    """Load a zygote's script and run it, all in one process that somebody else has confined."""
    run_zygote(load_zygote(argv[0]), argv)
