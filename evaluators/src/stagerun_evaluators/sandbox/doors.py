"""What the judge sets up outside for the probe to reach for: listeners, files, a process; and what it finds of them afterwards.

Every thing here is real: the sockets listen, the files lie in the user's home and in /tmp, the process can be ended.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from stagerun.registry.index import cache_folder

_TOUCHED = 1_000_000_000.0  # the time of the file that must not change
_MODE = 0o644


ESCAPES = (
    "TCP",
    "UDP",
    "sockets with a path",
    "abstract sockets",
    "reading the user's home",
    "reading files of others in /tmp",
    "writing outside",
    "links and renames",
    "changing modes and times outside",
    "environments of other processes",
    "memory of other processes",
    "command lines of other processes",
    "secrets in the environment",
    "tracing processes",
    "signals to other processes",
    "namespaces and mounts",
    "daemons",
    "many threads",
    "many processes",
    "memory of many processes",
    "filling the folder",
)
# What seems to work inside may have had no effect: a /tmp of its own, a network of its own, a change only said to be made.
OUTSIDE_ONLY = frozenset(
    {"UDP", "writing outside", "changing modes and times outside", "signals to other processes", "daemons"}
)


class Doors:
    """Opened for one probe; `close` takes all of it away again."""

    def __init__(self) -> None:
        self.mark = str(80_000_000 + secrets.randbelow(9_000_000))  # seconds that nobody else sleeps
        self.folder = Path(tempfile.mkdtemp(prefix="stagerun-doors-"))
        self.home = cache_folder() / f"canary-{self.mark}"
        self.decoy = subprocess.Popen(["sleep", f"60.{self.mark}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self._files()
        self.tcp = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.path = self._listen(socket.AF_UNIX, str(self.folder / "socket"))
        self.abstract = self._listen(socket.AF_UNIX, f"\0stagerun-{self.mark}")
        (self.folder / "socket").chmod(0o777)
        for one in (self.tcp, self.udp, self.path, self.abstract):
            one.setblocking(False)

    def _files(self) -> None:
        self.folder.chmod(0o777)
        self.home.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.home, self.folder / "canary", self.folder / "other", self.folder / "kept"):
            path.write_text("canary", encoding="ascii")
            path.chmod(_MODE)
            os.utime(path, (_TOUCHED, _TOUCHED))

    def _listen(self, family: int, address: str | tuple[str, int]) -> socket.socket:
        one = socket.socket(family)
        one.bind(address)
        one.listen(4)
        return one

    def tries(self) -> list[list[object]]:
        """Name, function of `escapes`, arguments. The greedy ones come last."""
        decoy = [self.decoy.pid, self.mark]
        names = sorted(set(os.environ) - {"PWD", "SHLVL", "_", "OLDPWD", "PYTHONHASHSEED", "LD_LIBRARY_PATH"})
        return [
            ["TCP", "tcp", self.tcp.getsockname()[1]],
            ["UDP", "udp", self.udp.getsockname()[1]],
            ["sockets with a path", "unix", str(self.folder / "socket")],
            ["abstract sockets", "unix", f"@stagerun-{self.mark}"],
            ["reading the user's home", "read", str(self.home)],
            ["reading files of others in /tmp", "read", str(self.folder / "canary")],
            ["writing outside", "write", self._spots, f"written-{self.mark}"],
            ["links and renames", "links", str(self.folder / "canary"), str(self.folder)],
            ["changing modes and times outside", "change", str(self.folder / "kept")],
            ["environments of other processes", "look", *decoy, "environ"],
            ["memory of other processes", "look", *decoy, "mem"],
            ["command lines of other processes", "look", *decoy, "cmdline"],
            ["secrets in the environment", "environment", names],
            ["tracing processes", "trace", *decoy],
            ["signals to other processes", "signals", *decoy],
            ["namespaces and mounts", "spaces"],
            ["daemons", "daemon"],
            ["many threads", "threads"],
            ["many processes", "forks"],
        ]

    def seen(self) -> dict[str, bool]:
        """What is visible from outside: escape -> whether it was made."""
        found = (self.folder / "kept").stat()
        return {
            "TCP": _came(self.tcp),
            "UDP": _sent(self.udp),
            "sockets with a path": _came(self.path),
            "abstract sockets": _came(self.abstract),
            "writing outside": self._written(),
            "links and renames": self._moved(),
            "changing modes and times outside": found.st_mode & 0o777 != _MODE or found.st_mtime != _TOUCHED,
            "signals to other processes": self.decoy.poll() is not None,
            "daemons": _runs(self.mark, self.decoy.pid),
        }

    @property
    def _spots(self) -> list[str]:
        """Folders to write to."""
        return ["/tmp", "/var/tmp", "/dev/shm", "/", str(self.folder), str(self.home.parent)]  # noqa: S108

    def _written(self) -> bool:
        made = [path for spot in self._spots if (path := Path(spot) / f"written-{self.mark}").exists()]
        for path in made:
            path.unlink()
        return bool(made)

    def _moved(self) -> bool:
        canary = self.folder / "canary"
        names = {path.name for path in self.folder.iterdir()}
        return "canary" not in names or canary.stat().st_nlink > 1 or bool({"link", "renamed"} & names)

    def close(self) -> None:
        """Take it all away, and what a daemon left."""
        self.decoy.kill()
        self.decoy.wait()
        for one in (self.tcp, self.udp, self.path, self.abstract):
            one.close()
        self.home.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        for pid in _pids(self.mark, self.decoy.pid):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _came(listener: socket.socket) -> bool:
    with suppress(OSError):
        listener.accept()[0].close()
        return True
    return False


def _sent(receiver: socket.socket) -> bool:
    with suppress(OSError):
        receiver.recv(1)
        return True
    return False


def _pids(mark: str, but: int) -> list[int]:
    """Processes that have the mark on their command line, as what the probe forks has."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (entry / "cmdline").read_bytes() and int(entry.name) != but:
                found.append(int(entry.name))
    return found


def _runs(mark: str, but: int) -> bool:
    """A process that was killed may take a moment to go."""
    for _ in range(20):
        if not _pids(mark, but):
            return False
        time.sleep(0.01)
    return True
