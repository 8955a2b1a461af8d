"""Tries every escape from inside; run as a command in the tier that is being probed. Prints a JSON list for each: what happened.

A program of its own, with nothing of ours imported. `stopped` is said only of what was refused; the judge looks from outside
at what can be seen there (a connection that came, a file that changed) and believes that rather than what is said here.
"""

# ruff: noqa: PTH101, PTH104, PTH123, PTH211, S103 - no more imports than needed; the mode is what is tried

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NoReturn

MOST = 600  # processes and threads: whoever gets as many has no limit
_STACK = 8192
_LIBC = ctypes.CDLL(None, use_errno=True)


def tcp(port: int) -> None:
    """Connect to a listener of the judge."""
    socket.create_connection(("127.0.0.1", port), timeout=0.3).close()


def udp(port: int) -> None:
    """Send to it. Whether that arrives is seen from outside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", ("127.0.0.1", port))


def unix(address: str) -> None:
    """Connect to a socket of the judge: one with a path, or an abstract one."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(0.3)
        one.connect(address.replace("@", "\0") if address.startswith("@") else address)


def read(path: str) -> None:
    """Read a file."""
    with open(path, "rb") as stream:
        stream.read(1)


def write(folders: list[str], name: str) -> None:
    """Make a file in any of these folders."""
    _any([partial(_make, f"{folder}/{name}") for folder in folders])


def _make(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))


def links(path: str, folder: str) -> None:
    """Link a file to here, move it, link from there."""
    _any(
        [
            lambda: os.link(path, "linked"),
            lambda: os.rename(path, "moved"),
            lambda: os.symlink("/", f"{folder}/link"),
            lambda: os.rename(f"{folder}/other", f"{folder}/renamed"),
        ]
    )


def change(path: str) -> None:
    """Change a file's mode, time or attributes; whether that had effect is seen from outside."""
    _any([lambda: os.chmod(path, 0o600), lambda: os.chmod(path, 0o755), lambda: os.utime(path, (1, 1))])


def look(pid: int, mark: str, name: str) -> None:
    """Read what /proc says of a process of the judge."""
    _is_it(pid, mark)
    read(f"/proc/{pid}/{name}")


def environment(names: list[str]) -> None:
    """Find a variable of the judge."""
    if not set(names) & (set(os.environ) - {"PATH", "LC_ALL", "HOME", "TMPDIR", "LC_CTYPE"}):
        raise OSError("none")


def signals(pid: int, mark: str) -> None:
    """End a process of the judge; whether it ended is seen from outside."""
    _is_it(pid, mark)
    os.kill(pid, signal.SIGKILL)


def trace(pid: int, mark: str) -> None:
    """Attach to a process of the judge (PTRACE_ATTACH, PTRACE_SEIZE), or read its memory."""
    _is_it(pid, mark)
    _any([lambda: _call("ptrace", 16, pid, 0, 0), lambda: _call("ptrace", 0x4206, pid, 0, 0), lambda: _peek(pid)])


def spaces() -> None:
    """Make a namespace, mount something."""
    _any(
        [
            lambda: _call("unshare", 0x10000000),
            lambda: _call("unshare", 0x20000),
            lambda: _call("mount", b"none", b"/", b"tmpfs", ctypes.c_ulong(0), None),
        ]
    )


def forks() -> None:
    """Start processes until it is refused; where it can be done they share our memory, which makes each of them cheap."""
    start = _cheap if hasattr(_LIBC, "clone") else _fork
    pids: list[int] = []
    try:
        while len(pids) < MOST:
            pids.append(start(len(pids)))
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@cache
def _stacks() -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(MOST * _STACK)


def _cheap(number: int) -> int:
    """clone(2) with CLONE_VM: a process that waits for ever in pause(2)."""
    top = (ctypes.addressof(_stacks()) + (number + 1) * _STACK) & ~15
    pid = int(
        _LIBC.clone(ctypes.cast(_LIBC.pause, ctypes.c_void_p), ctypes.c_void_p(top), 0x100 | signal.SIGCHLD, None)
    )
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return pid


def _fork(_number: int) -> int:
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    return pid


def threads() -> None:
    """Start threads until it is refused."""
    threading.stack_size(1 << 16)
    ended = threading.Event()
    try:
        for _ in range(MOST):
            threading.Thread(target=ended.wait, daemon=True).start()
    except RuntimeError as error:
        raise OSError(str(error)) from error
    finally:
        ended.set()


def daemon() -> None:
    """Leave a process of another session; whether it is still there afterwards is seen from outside."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            for stream in range(4):
                os.close(stream)
            time.sleep(60)
        os._exit(0)
    os.wait()


def memory(children: int, size: int) -> None:
    """Use memory in several processes at once; ends as soon as one of them is ended."""
    pids = []
    for _ in range(children):
        if (pid := os.fork()) == 0:
            _hold(size)
        pids.append(pid)
    while pids:
        pid, status = os.wait()
        pids.remove(pid)
        if status:
            for left in pids:
                os.kill(left, signal.SIGKILL)
            raise OSError("ended")


def _hold(size: int) -> NoReturn:
    """A child that has no room for itself has tried nothing, which is no success of anybody."""
    try:
        held = bytearray(size)
        time.sleep(3)  # a watchdog has a moment
        del held
    finally:
        os._exit(0)


def size(files: int, each: int) -> None:
    """Fill the folder."""
    for number in range(files):
        descriptor = os.open(f"fill{number}", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(descriptor, 0, each)
        os.close(descriptor)
    time.sleep(3)


def _any(tries: list[Callable[[], Any]]) -> None:
    """Goes well when one of them does."""
    errors = []
    for one in tries:
        try:
            one()
        except OSError as error:
            errors.append(error)
        else:
            return
    raise errors[0]


def _is_it(pid: int, mark: str) -> None:
    """In a namespace of its own that number may be another process, which may even be this one."""
    line = b""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as stream:
            line = stream.read()
    except OSError:
        return
    if mark.encode() not in line:
        raise OSError("it is not there")


def _call(name: str, *arguments: Any) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def _peek(pid: int) -> None:
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    buffer = ctypes.create_string_buffer(1)
    mine, theirs = Vector(ctypes.addressof(buffer), 1), Vector(0x400000, 1)
    done = _LIBC.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
    if done < 0 and ctypes.get_errno() != 14:  # EFAULT: it was allowed to look
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def main() -> None:
    """Try what the argument names, in order."""
    for name, call, *arguments in json.loads(sys.argv[1]):
        try:
            globals()[call](*arguments)
            said = "open"
        except (OSError, MemoryError) as error:
            said = f"stopped: {error}"
        print(json.dumps([name, said]), flush=True)


if __name__ == "__main__":
    main()
