"""One engine to a run directory: a lock that the system takes back when its holder dies, so that it is never stale."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from pathlib import Path

from attrs import define

from stagerun.errors import CannotRun, Locked


@define
class Lock:
    """`.lock` in the run directory, held with flock; its text names the holder for people and for `status`."""

    path: Path
    _descriptor: int = -1

    def take(self) -> None:
        """Take the lock; raises Locked with the holder's pid and host, CannotRun where the directory cannot be written."""
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = read_holder(self.path)
            self.release()
            raise Locked(
                f"{self.path.parent} is being run by pid {holder.get('pid', '?')} on {holder.get('host', '?')}; "
                "wait for it, or stop it first"
            ) from None
        except OSError as error:
            self.release()
            raise CannotRun(f"{self.path.parent} cannot be written: {error.strerror}") from None
        text = json.dumps({"pid": os.getpid(), "host": platform.node()})
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def release(self) -> None:
        """Give it back; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_holder(path: Path) -> dict[str, object]:
    """Who wrote the lock file last; empty when it cannot be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
