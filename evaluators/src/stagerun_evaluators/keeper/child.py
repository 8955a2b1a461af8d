"""The first moments of a command: from the keeper's fork to the first instruction of the program.

A zygote's command needs no exec: its `main()` runs in the forked child, which saves the start of an interpreter and all that
the script's `prepare()` did. The keeper's frames are then below it on the stack, so the keeper keeps nothing secret in them.
Anything else is exec'ed.
"""

from __future__ import annotations

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

from stagerun_evaluators.keeper.limits import die_with_parent, set_limits
from stagerun_evaluators.keeper.linux import SET_NO_NEW_PRIVS, prctl
from stagerun_evaluators.keeper.user import User, become
from stagerun_evaluators.keeper.wire import CommandRow

_KEEPERS = (signal.SIGCHLD, signal.SIGINT)  # signals that the keeper handles its own way
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)  # signals that every Python ignores; other programs must not inherit that
CANNOT_START = 127  # as a shell says it


def load_zygote(script: str) -> ModuleType:
    """Run a zygote's script, and its `prepare()` if it has one, under a name that is not `__main__`."""
    module = ModuleType("zygote")
    module.__dict__.update(__file__=script, __builtins__=dict(vars(builtins)))
    sys.modules["zygote"] = module
    exec(compile(Path(script).read_bytes(), script, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    getattr(module, "prepare", lambda: None)()
    return module


def become_command(
    row: CommandRow, root: str, streams: tuple[int, int, int, int], user: User | None, zygote: ModuleType | None
) -> NoReturn:
    """Turn this forked child into the command; `streams` become descriptors 0 to 3.

    Raises OSError for a program that is not there or may not be run.
    """
    keeper = os.getppid()
    os.setsid()
    _take_streams(streams)
    _reset(_KEEPERS)
    os.chdir(root)
    _set_environ(row, root)
    set_limits(math.ceil(row["timeout"]), row["memory_mb"], user)
    if user is not None:
        become(user)
    prctl(SET_NO_NEW_PRIVS, 1)
    die_with_parent(keeper)
    argv = [word.replace("{root}", root) for word in row["argv"]]
    if zygote is not None:
        run_zygote(zygote, argv)
    _reset(_PYTHONS)
    os.execvpe(argv[0], argv, os.environ)  # noqa: S606 - no shell is wanted


def _reset(signals: tuple[signal.Signals, ...]) -> None:
    for number in signals:
        signal.signal(number, signal.SIG_DFL)


def _take_streams(streams: tuple[int, int, int, int]) -> None:
    """Make the streams 0 to 3 and close everything else; moved up first, as one may stand where another must go."""
    signal.set_wakeup_fd(-1)
    moved = [fcntl.fcntl(stream, fcntl.F_DUPFD, len(streams)) for stream in streams]
    for number, stream in enumerate(moved):
        os.dup2(stream, number)
    os.closerange(len(streams), os.sysconf("SC_OPEN_MAX"))


def _set_environ(row: CommandRow, root: str) -> None:
    """What a toolchain needs to work, the command's own variables, and nothing of the user's."""
    bare = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": root, "TMPDIR": root}
    own = {name: value.replace("{root}", root) for name, value in row["environ"].items()}
    os.environ.clear()
    os.environ.update(bare | own)


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
