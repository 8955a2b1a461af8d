"""Linux calls that isolation needs and Python lacks, through ctypes. Every one raises OSError with the call's name when refused.

Numbers are those of the kernel's headers; from 424 on they are the same on every processor.
"""

from __future__ import annotations

import ctypes
import os
import sys

NEW_NS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8  # linux/mount.h: MOUNT_ATTR_*
SET_DUMPABLE, SET_SECUREBITS = 4, 28  # linux/prctl.h
CAP_AMBIENT, AMBIENT_RAISE = 47, 2

_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_SETATTR, _CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 442, 444, 445, 446
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class MountAttr(ctypes.Structure):
    """struct mount_attr of mount_setattr(2)."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clr", "propagation", "userns")]


class RulesetAttr(ctypes.Structure):
    """struct landlock_ruleset_attr."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("fs", "net", "scoped")]


class PathBeneath(ctypes.Structure):
    """struct landlock_path_beneath_attr."""

    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def _libc() -> ctypes.CDLL:
    if _LIBC is None:
        raise OSError("this isolation is Linux's")
    return _LIBC


def _checked(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked(_libc().unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """setns(2)."""
    _checked(_libc().setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    kind_bytes = kind.encode() if kind else None
    done = _libc().mount(
        os.fsencode(source), os.fsencode(target), kind_bytes, ctypes.c_ulong(flags), options.encode() or None
    )
    _checked(done, f"mount of {kind or source} on {target}")


def unmount(target: str) -> None:
    """umount2(2), with all below it, at once."""
    _checked(_libc().umount2(os.fsencode(target), _DETACH), f"umount of {target}")


def bind(source: str, target: str, attributes: int = ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV) -> None:
    """Show `source` and all mounted below it at `target`, with more attributes than it has; needs Linux 5.12."""
    mount(source, target, None, MS_BIND | MS_REC)
    set_mount(target, attributes)


def set_mount(target: str, attributes: int, clear: int = 0, *, below: bool = True) -> None:
    """mount_setattr(2) on a mount, and those below it."""
    attr = MountAttr(attributes, clear, 0, 0)
    flags, size = ctypes.c_ulong(_AT_RECURSIVE if below else 0), ctypes.c_ulong(ctypes.sizeof(attr))
    done = _libc().syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), flags, ctypes.byref(attr), size)
    _checked(done, f"mount_setattr of {target}")


def prctl(option: int, first: int = 0, second: int = 0) -> None:
    """prctl(2), strict."""
    arguments = (ctypes.c_ulong(value) for value in (first, second, 0, 0))
    _checked(_libc().prctl(option, *arguments), f"prctl {option}")


def drop_capabilities() -> None:
    """capset(2): none."""
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(header, none), "capset")


def landlock_abi() -> int:
    """The version of Landlock; raises OSError where there is none."""
    return _checked(_libc().syscall(_CREATE_RULESET, None, ctypes.c_ulong(0), 1), "landlock")


def create_ruleset(fs: int, net: int, scoped: int, size: int) -> int:
    """landlock_create_ruleset(2): a descriptor; `size` is how much of the structure this version knows."""
    attr = RulesetAttr(fs, net, scoped)
    return _checked(
        _libc().syscall(_CREATE_RULESET, ctypes.byref(attr), ctypes.c_ulong(size), 0), "landlock_create_ruleset"
    )


def add_path(ruleset: int, allowed: int, descriptor: int) -> None:
    """landlock_add_rule(2) for a file or a folder and all below it."""
    attr = PathBeneath(allowed, descriptor)
    _checked(_libc().syscall(_ADD_RULE, ruleset, 1, ctypes.byref(attr), 0), "landlock_add_rule")


def restrict_self(ruleset: int) -> None:
    """landlock_restrict_self(2)."""
    _checked(_libc().syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")


def install_filter(program: bytes) -> None:
    """seccomp(2) with a filter. SPEC_ALLOW keeps the processor's speculation on: nothing here shares memory with a secret."""
    number = _SECCOMP[os.uname().machine]
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    attr = Program(len(program) // 8, ctypes.addressof(buffer))
    _checked(_libc().syscall(number, 1, 4, ctypes.byref(attr)), "seccomp")
