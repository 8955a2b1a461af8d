"""Starts a program where user namespaces and mounts are refused, as a container's seccomp profile does, whoever the user is.

python refusing.py clone|landlock PROGRAM...    `landlock` refuses Landlock as well
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

NUMBERS = {
    "x86_64": {"unshare": 272, "mount": 165, "landlock": 444},
    "aarch64": {"unshare": 97, "mount": 40, "landlock": 444},
}


def main() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = NUMBERS[os.uname().machine]
    names = ["unshare", "mount"] + (["landlock"] if sys.argv[1] == "landlock" else [])
    steps = [(0x20, 0, 0, 0)]
    for name in names:
        number = errno.ENOSYS if name == "landlock" else errno.EPERM
        steps += [(0x15, 0, 1, numbers[name]), (0x06, 0, 0, 0x50000 | number)]
    steps.append((0x06, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    libc.prctl(38, 1, 0, 0, 0)
    done = libc.prctl(22, 2, ctypes.byref(Program(len(steps), ctypes.addressof(code))), 0, 0)
    assert done == 0, "no seccomp here"
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
