"""A user of their own for candidates, when the keeper is root.

With an id that nobody else has, RLIMIT_NPROC counts (the kernel ignores it for root), `kill(-1)` reaches all of them and only
them, and they can neither signal the keeper nor read its memory or its parent's environment. Without root they run as the user.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from stagerun_evaluators.keeper.linux import CAP_DAC_READ_SEARCH, NO_SETUID_FIXUP, SET_SECUREBITS, keep_only, prctl


class User(NamedTuple):
    """`reads_all`: it keeps the one capability to read, as Python itself lives in a folder closed to others (a root's home)."""

    id: int
    reads_all: bool


def spare_user() -> User | None:
    """A user that can run Python here; None when this process is not root, or is a root that may not change its user."""
    if os.geteuid() != 0 or not hasattr(os, "setresuid"):  # macOS has no such call
        return None
    number = 20_000 + os.getpid() % 40_000  # below 65536: a container may have no ids above
    for user in (User(number, reads_all=False), User(number, reads_all=True)):
        if _can_run_python(user):
            return user
    return None


def become(user: User) -> None:
    """Give up root for good; raises OSError where that is refused."""
    if user.reads_all:
        prctl(SET_SECUREBITS, NO_SETUID_FIXUP)  # keeps capabilities, and access(2), which gcc asks, heeds them
    os.setgroups([])
    os.setresgid(user.id, user.id, user.id)
    os.setresuid(user.id, user.id, user.id)
    if user.reads_all:
        keep_only(CAP_DAC_READ_SEARCH)


def _can_run_python(user: User) -> bool:
    """Try it in a child that reads a file of the standard library."""
    child = os.fork()
    if child == 0:
        try:
            become(user)
            Path(os.__file__).read_bytes()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0
