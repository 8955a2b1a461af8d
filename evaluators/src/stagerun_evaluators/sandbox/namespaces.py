"""The tier `namespaces`: commands see a tree of their own, processes of their own, and a network that leads nowhere.

A keeper is four things here. A parent outlives it and clears up. The keeper is the first process of a namespace of processes,
so that all below it dies with it, whatever happens. An usher is the first process of another one below that, which the keeper
forks commands into: orphans become its children, and it ends all of them in one stroke. The tree is in `mounts`.

As root nothing more is needed; anybody else needs user namespaces, and is then the same user inside as outside.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from stagerun_evaluators.keeper.limits import set_limits
from stagerun_evaluators.keeper.linux import SET_NO_NEW_PRIVS, SET_PDEATHSIG
from stagerun_evaluators.keeper.user import spare_user
from stagerun_evaluators.sandbox import kernel
from stagerun_evaluators.sandbox.base import TMP_FILES, TMP_MB, Limits
from stagerun_evaluators.sandbox.cgroup import join, new_name, parents, remove
from stagerun_evaluators.sandbox.guard import leave_streams
from stagerun_evaluators.sandbox.mounts import JOB, JobFolder, Tree
from stagerun_evaluators.sandbox.places import locked_folder
from stagerun_evaluators.sandbox.seccomp import program

_SPACES = kernel.NEW_NS | kernel.NEW_UTS | kernel.NEW_IPC | kernel.NEW_PID | kernel.NEW_NET
_OWN = 3  # processes and threads of the keeper's own that count as the user's in its namespace
_LOCKED_NO_ROOT = 3  # SECBIT_NOROOT and its lock: user 0 is nothing special
_SIOCSIFFLAGS, _UP = 0x8914, 0x41
_END, _ENDED = b"e", b"."


class Namespaces(Limits):
    """Namespaces of mounts, processes, network, IPC; seccomp; limits."""

    tier = "namespaces"
    capped = True

    def settle(self, reads: Sequence[str]) -> None:
        """Raises OSError when the system refuses a step."""
        self.reads = tuple(reads)
        self._folder = locked_folder()
        self.user = spare_user()
        self._unshared = _enter()
        self.user = self.user if not self._unshared else None
        self._name, self._parents = new_name(), list(parents())
        _fork_below(self)
        kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
        _raise_loopback()
        self._tree = Tree(self._folder)
        self._tree.build(self.reads, self.user.id if self.user else os.getuid())
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._usher, self._inner = _usher(self._tree.outside("/proc"), self._own)
        self.proc = self._tree.outside("/proc")
        self._folder_in_memory = JobFolder(self._tree, TMP_MB, TMP_FILES)
        self._filter = program(network=True, memfd=self.group is not None, own_files_only=False)

    def leave(self) -> None:
        """The parent clears up."""

    def open(self, given: str) -> Path:
        """A folder in memory, or the given one. Looks again for what is left: one that forks and ends without pause could, with
        numbers that begin anew, be missed by one look, not by two."""
        self.kill()
        root = self._folder_in_memory.open(given)
        if given and self.user is not None:
            os.chown(root, self.user.id, self.user.id)
        self._job = root
        return root

    def close(self) -> None:
        """With all that is in it."""
        self._folder_in_memory.close()

    @property
    def root(self) -> str:
        """As commands see it."""
        return f"{JOB}/root"

    def before(self, reads: Sequence[str], memory_mb: int) -> None:
        """Show what this command reads."""
        super().before(reads, memory_mb)
        self._tree.show(reads)

    def fork(self) -> int:
        """Into the usher's namespace of processes."""
        kernel.setns(self._inner, kernel.NEW_PID)
        pid = os.fork()
        if pid:
            kernel.setns(self._own, kernel.NEW_PID)
        return pid

    def limit(self, memory_mb: int, seconds: int) -> None:
        """The user's processes are counted inside the user namespace, where the keeper's are all there are beside these."""
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        set_limits(seconds, memory_mb, self.user, others=_OWN if self._unshared else None)

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:  # noqa: ARG002
        """In the child."""
        os.chroot(self._tree.place)
        os.chdir("/")
        self.limit(memory_mb, seconds)
        kernel.prctl(kernel.SET_SECUREBITS, _LOCKED_NO_ROOT)
        _become(self.user.id if self.user else None)
        kernel.prctl(SET_NO_NEW_PRIVS, 1)
        kernel.install_filter(self._filter)

    def processes(self) -> Sequence[int]:
        """All that the usher's namespace shows but itself."""
        return [int(entry) for entry in os.listdir(self.proc) if entry.isdigit() and entry != "1"]  # noqa: PTH208

    def overflows(self) -> bool:
        """Whether it is full; the kernel caps it."""
        found = os.statvfs(self._job)
        return found.f_bavail == 0 or found.f_favail == 0

    def kill(self) -> None:
        """Let the usher end them all, when there are any; raises OSError when it is gone, and the keeper with it."""
        if self.processes():
            self._usher.send(_END)
            if self._usher.recv(1) != _ENDED:
                raise OSError("the usher of this keeper is gone")


def _enter() -> bool:
    """Leave the host's namespaces; whether that took a user namespace."""
    if os.geteuid() == 0:
        with suppress(OSError):
            kernel.unshare(_SPACES)
            return False
    user, group = os.getuid(), os.getgid()
    kernel.unshare(_SPACES | kernel.NEW_USER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text, encoding="ascii")
    return True


def _fork_below(box: Namespaces) -> None:
    """Return in the first process of the new namespace; the parent waits for its end and clears up."""
    alive, held = os.pipe()
    pid = os.fork()
    if pid:
        _wait(pid, box)
    os.close(held)
    box.group = join(box._name, box._parents)
    kernel.prctl(SET_PDEATHSIG, signal.SIGKILL)
    if select.select([alive], [], [], 0)[0]:  # the parent died before that was said
        os._exit(1)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("-1000", encoding="ascii")


def _wait(pid: int, box: Namespaces) -> NoReturn:
    leave_streams()
    status = os.waitpid(pid, 0)[1]
    with suppress(OSError):
        kernel.unmount(str(box._folder))
    with suppress(OSError):
        box._folder.rmdir()
    remove(box._name, box._parents)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _usher(proc: Path, own: int) -> tuple[socket.socket, int]:
    """Start it: our end of the line to it, and its namespace of processes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kernel.unshare(kernel.NEW_PID)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _serve_as_usher(theirs, proc)
    theirs.close()
    if (said := ours.recv(200)) != _ENDED:
        raise OSError(said.decode() or "the usher did not start")
    inner = os.open("/proc/self/ns/pid_for_children", os.O_RDONLY | os.O_CLOEXEC)
    kernel.setns(own, kernel.NEW_PID)
    return ours, inner


def _serve_as_usher(line: socket.socket, proc: Path) -> NoReturn:
    """Show /proc as it is seen here, then end everybody else whenever told to."""
    try:
        flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
        kernel.mount("proc", str(proc), "proc", flags)
        kernel.set_mount(str(proc), kernel.ATTR_RDONLY)
        kernel.prctl(kernel.SET_DUMPABLE, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is reaped by the kernel
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        line.send(_ENDED)
        while line.recv(1):
            _end_everybody()
            line.send(_ENDED)
    except OSError as error:
        line.send(str(error.strerror or error).encode()[:200])
    os._exit(0)


def _end_everybody() -> None:
    """kill(2) with pid -1 reaches all of a namespace but its first process, and no fork can outrun it."""
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.0005)


def _become(user: int | None) -> None:
    """Another user, where there is one; no capability in any case."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities()


def _raise_loopback() -> None:
    """Let programs talk to themselves."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _UP))
