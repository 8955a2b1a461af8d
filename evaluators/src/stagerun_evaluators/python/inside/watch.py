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
from types import CodeType
from typing import Any

TELL: Callable[[str], None]
OWN: tuple[str, ...]
DYNLOAD: str
TESTS: set[int]  # all code of the tests
NAMED: set[int]  # the code of their modules' own functions
KEEPING: frozenset[CodeType]  # see `stacks`
HANDING: frozenset[CodeType]
HELPERS: frozenset[str]  # the task's own files
LANE: int  # the harness's own thread

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
LEADING = frozenset({"f_code", "__code__", "gi_code", "cr_code", "ag_code"})
OF_GENERATORS = frozenset({"gi_frame", "cr_frame", "ag_frame"})
PAUSING = 0x20 | 0x80 | 0x200  # flags of the code of generators and coroutines: their frames get new callers
FRAMES = frozenset({"sys._getframe", "object.__getattr__"})
EVENTS = FORBIDDEN | FRAMES | {"import", "object.__setattr__", "object.__delattr__", "open", "os.symlink", "os.link",
                               "compile", "code.__new__"}  # fmt: skip
MEMORY = ("mem", "syscall", "auxv")
PATHS = os.fspath
FRAME, GETTRACE, DOCTEST = sys._getframe, sys.gettrace, vars(doctest)
BUSY: set[int] = set()


def hook(event: str, args: tuple[object, ...]) -> None:
    """The interpreter calls this for every event; raises to refuse."""
    if event not in EVENTS and not event.startswith("ctypes."):
        return
    me = get_ident()
    if me == LANE or me in BUSY:  # looking at an object makes events of its own
        return
    BUSY.add(me)
    try:
        judge(event, args)
    finally:
        BUSY.discard(me)


def judge(event: str, args: tuple[object, ...]) -> None:
    """Let it be, or tell and raise PermissionError, or only raise ImportError."""
    if event in FRAMES:
        frames(event, args, FRAME(2))
    elif event in ("compile", "code.__new__"):
        if type(args[1]) is str and (
            args[1].startswith(OWN)
            or (args[1] in HELPERS and not FRAME(2).f_code.co_filename.startswith("<frozen imp"))
        ):
            refuse("made code under the name of a test's file")
    elif event == "import":
        imports(str(args[0]), args[1])
    elif event in ("object.__setattr__", "object.__delattr__"):
        changes(args[0], args[1])
    elif event in ("open", "os.symlink", "os.link"):
        opens(args[0])
    elif event != "sys.settrace" or not restores():
        refuse(f"used {event}")


def frames(event: str, args: tuple[Any, ...], asker: Any) -> None:
    """Who takes a frame that leads to the tests, or reads the code of one, wants to know what they expect."""
    if event == "sys._getframe":
        found = args[0]
    elif args[1] == "tb_frame":
        found = args[0].tb_frame
    elif args[1] in OF_GENERATORS:
        found = getattr(args[0], args[1])
    elif args[1] in LEADING:
        if id(getattr(args[0], args[1])) in NAMED and not trusted(asker):
            refuse("read the code of a test")
        return
    else:
        return
    if found is not None and (found.f_code.co_flags & PAUSING or beneath(found)) and not trusted(asker):
        refuse("looked at the stack of a test")


def trusted(asker: Any) -> bool:
    """Whether it is a test, its harness, its task's helpers, or the standard library for itself."""
    while asker is not None and id(asker.f_code) not in TESTS:
        if asker.f_code.co_filename.startswith(OWN[0]) or asker.f_code.co_filename in HELPERS:
            return True
        if not asker.f_code.co_filename.startswith(OWN) and not known(asker, HANDING):
            break
        asker = asker.f_back
    return asker is None or id(asker.f_code) in TESTS or known(asker, KEEPING)


def known(asker: Any, codes: frozenset[CodeType]) -> bool:
    """Whether its code is among them; code with constants of the harness's own making cannot be looked up."""
    try:
        return asker.f_code in codes
    except TypeError:
        return False


def beneath(frame: Any) -> bool:
    """Whether a test is on the stack below."""
    while frame is not None:
        if id(frame.f_code) in TESTS:
            return True
        frame = frame.f_back
    return False


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
