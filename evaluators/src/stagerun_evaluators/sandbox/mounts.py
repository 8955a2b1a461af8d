"""What commands see in the tier `namespaces`: a small tree of its own, with what they may read shown in it and nothing else.

    /usr /bin /lib ...          the system's, read-only
    /etc                        what programs look up there, and a passwd and a group that name nobody of this machine
    /proc                       of the commands' own processes, read-only
    /dev                        null zero full random urandom; no terminal
    /job/root /job/tmp          the job's, in memory and capped; /tmp, /var/tmp and /dev/shm are names of /job/tmp
    the judge's Python and reads   at the same paths as outside, read-only

Commands have this tree as their root (chroot): they have no capability to leave it, no descriptor that leads out, and no way to
make a user namespace in which they would. The keeper stays outside, so that it can show more when a command needs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from stagerun_evaluators.sandbox import kernel
from stagerun_evaluators.sandbox.places import DEVICES, ETC, SYSTEM

JOB = "/job"
_LINKS = {
    "dev/fd": "/proc/self/fd",
    "dev/stdin": "/proc/self/fd/0",
    "dev/stdout": "/proc/self/fd/1",
    "dev/stderr": "/proc/self/fd/2",
    "dev/shm": "/job/tmp",
    "var/tmp": "/job/tmp",
    "etc/mtab": "/proc/mounts",
}
_SYS = ("/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage")
_PLAIN = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID | kernel.ATTR_NODEV


class Tree:
    """The tree at `place`, an empty folder. Used by one keeper, in a mount namespace of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._shown: list[str] = []

    def build(self, reads: Iterable[str], user: int) -> None:
        """Everything but /proc. Raises OSError when a mount is refused."""
        reads = list(reads)
        flags = kernel.MS_NOSUID | kernel.MS_NODEV
        kernel.mount("tmpfs", str(self.place), "tmpfs", flags, "mode=0755,size=4m")
        for name in ("proc", "dev", "job", "etc", "var"):
            (self.place / name).mkdir()
        for path in SYSTEM:
            self._system(Path(path))
        self._people(user)
        for path in DEVICES:
            self._bind(path, kernel.ATTR_NOSUID | kernel.ATTR_NOEXEC)
        self._add([*ETC, *_SYS, *reads])
        for name, target in _LINKS.items():
            (self.place / name).symlink_to(target)
        if not (self.place / "tmp").exists():  # what may be read can lie in /tmp
            (self.place / "tmp").symlink_to("/job/tmp")
        self._close()

    def show(self, reads: Iterable[str]) -> None:
        """Show more; nothing of the candidate may be running."""
        missing = [path for path in reads if not self._is_shown(path)]
        if missing:
            kernel.set_mount(str(self.place), 0, kernel.ATTR_RDONLY, below=False)
            try:
                self._add(missing)
            finally:
                self._close()

    def outside(self, path: str) -> Path:
        """Where the keeper finds a path of the tree."""
        return self.place / path.lstrip("/")

    def _close(self) -> None:
        kernel.set_mount(str(self.place), _PLAIN, below=False)

    def _is_shown(self, path: str) -> bool:
        return any(path == shown or path.startswith(f"{shown}/") for shown in self._shown)

    def _add(self, paths: Iterable[str]) -> None:
        """Those above others first, so that none is hidden by one that comes later."""
        wanted = {os.path.normpath(path) for path in paths}
        wanted |= {os.path.realpath(path) for path in wanted}
        for path in sorted(wanted):
            if not self._is_shown(path):
                self._bind(path)

    def _bind(self, path: str, attributes: int = _PLAIN) -> None:
        with suppress(FileNotFoundError):
            target = self.outside(path)
            for parent in target.parents:
                if (
                    self.place in parent.parents and parent.is_symlink()
                ):  # /tmp: what is shown below it comes before what may be written there
                    parent.unlink()
            target.parent.mkdir(parents=True, exist_ok=True)
            if Path(path).is_dir():
                target.mkdir(exist_ok=True)
            elif Path(path).exists():
                target.touch()
            else:
                return
            kernel.bind(path, str(target), attributes)
            self._shown.append(path)

    def _system(self, path: Path) -> None:
        """A folder of the system, or the link that it is where /usr was merged."""
        if path.is_symlink():
            self.outside(str(path)).symlink_to(path.readlink())
            self._shown.append(str(path))
        else:
            self._bind(str(path))

    def _people(self, user: int) -> None:
        rows = {0: "root", user: "candidate"}
        passwd = [f"{name}:x:{number}:{number}::{JOB}/root:/bin/sh\n" for number, name in rows.items()]
        (self.place / "etc/passwd").write_text("".join(passwd))
        (self.place / "etc/group").write_text("".join(f"{name}:x:{number}:\n" for number, name in rows.items()))


class JobFolder:
    """The job's folder in memory, at the tree's /job."""

    def __init__(self, tree: Tree, size_mb: int, files: int) -> None:
        self._place, self._given = tree.outside(JOB), False
        self._options = f"mode=0755,size={size_mb}m,nr_inodes={files}"

    def open(self, given: str) -> Path:
        """A fresh one; with a `given` folder of the host as its root."""
        kernel.mount("tmpfs", str(self._place), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, self._options)
        root = self._place / "root"
        for folder in (root, self._place / "tmp"):
            folder.mkdir()
            folder.chmod(0o1777)
        if given:
            kernel.bind(given, str(root), kernel.ATTR_NOSUID | kernel.ATTR_NODEV)
        return root

    def close(self) -> None:
        """Gone with all that is in it."""
        kernel.unmount(str(self._place))
