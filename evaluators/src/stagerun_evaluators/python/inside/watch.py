"""Refuses, and remembers, what leads to other stacks, to objects that nobody handed out and to memory (PEP 578 audit hooks).

Loaded sealed, see `seal`. `TELL` takes a reason for distrust, `OWN` are the files whose functions nobody may change, `DYNLOAD` is
where the interpreter's own extension modules lie.

Not covered: a caller's frame (`f_back`) can be reached without any event, so nothing of worth is kept on the candidate's stack.
"""

from __future__ import annotations

import doctest
import os
import sys
from _thread import get_ident
from collections.abc import Callable

TELL: Callable[[str], None]
OWN: tuple[str, ...]
DYNLOAD: str

FORBIDDEN = frozenset(
    {
        "sys._current_frames",
        "sys._current_exceptions",
        "sys.settrace",
        "sys.setprofile",
        "sys.monitoring.register_callback",
        "sys.addaudithook",
        "gc.get_objects",
        "gc.get_referrers",
        "gc.get_referents",
        "cpython._PySys_ClearAuditHooks",
    }
)
# Doors to memory. Honest code may look for them and do without, so they are only closed.
CLOSED = frozenset(
    {
        "ctypes",
        "_ctypes",
        "_ctypes_test",
        "_testcapi",
        "_testinternalcapi",
        "_xxsubinterpreters",
        "cffi",
        "_cffi_backend",
    }
)
CODE = frozenset({"__code__", "__defaults__", "__kwdefaults__", "__closure__"})
EVENTS = FORBIDDEN | {"import", "object.__setattr__", "object.__delattr__", "open", "os.symlink", "os.link"}
MEMORY = ("mem", "syscall", "auxv")
PATHS = os.fspath
FRAME, GETTRACE, DOCTEST = sys._getframe, sys.gettrace, vars(doctest)
BUSY: set[int] = set()


def hook(event: str, args: tuple[object, ...]) -> None:
    """The interpreter calls this for every event; raises to refuse."""
    if event not in EVENTS and not event.startswith("ctypes."):
        return
    me = get_ident()
    if me in BUSY:  # looking at an object makes events of its own
        return
    BUSY.add(me)
    try:
        judge(event, args)
    finally:
        BUSY.discard(me)


def judge(event: str, args: tuple[object, ...]) -> None:
    """Let it be, or tell and raise PermissionError, or only raise ImportError."""
    if event == "import":
        imports(str(args[0]), args[1])
    elif event in ("object.__setattr__", "object.__delattr__"):
        changes(args[0], args[1])
    elif event in ("open", "os.symlink", "os.link"):
        opens(args[0])
    elif event != "sys.settrace" or not restores():
        refuse(f"used {event}")


def restores() -> bool:
    """Whether it is doctest, which sets the trace function to what it was when it is done."""
    return FRAME(3).f_globals is DOCTEST and sys.gettrace is GETTRACE and GETTRACE() is None


def imports(name: str, file: object) -> None:
    """Extension modules come with the interpreter, and some of those are closed too."""
    if name.partition(".")[0] in CLOSED:
        raise ImportError(f"{name} is not to be had here")
    if type(file) is str and (file.endswith(".so") or ".so." in file):
        stem = file.rpartition("/")[2].partition(".")[0]
        if stem in CLOSED or not file.startswith(DYNLOAD):
            refuse(f"loaded {stem}")


def changes(what: object, name: object) -> None:
    """The code of a function of the tests or of their tools stays what it is."""
    if name in CODE and getattr(getattr(what, "__code__", None), "co_filename", "").startswith(OWN):
        refuse(f"changed {name} of {getattr(what, '__qualname__', '?')}")


def opens(path: object) -> None:
    """No process reads or writes its memory as a file."""
    try:
        text = PATHS(path)  # type: ignore[call-overload]
    except TypeError:  # a descriptor
        return
    text = text.decode("utf-8", "replace") if type(text) is bytes else text
    if text.rpartition("/")[2] in MEMORY and ("/proc" in text or "/" not in text):
        refuse(f"opened {text[-40:]}")


def refuse(why: str) -> None:
    """Tell and raise."""
    TELL(why)
    raise PermissionError(why)
