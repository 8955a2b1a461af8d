"""The few Linux calls that Python lacks, through ctypes; elsewhere they do nothing. Numbers are those of the kernel's headers."""

from __future__ import annotations

import ctypes
import sys

SET_PDEATHSIG, SET_SECUREBITS, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 28, 36, 38  # linux/prctl.h
NO_SETUID_FIXUP = 4 | 8  # linux/securebits.h: the bit and its lock
CAP_DAC_READ_SEARCH = 2  # linux/capability.h: read any file, enter any folder

_CAP_AMBIENT, _RAISE = 47, 2  # linux/prctl.h
_VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3: two sets of three 32-bit words
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def prctl(option: int, value: int) -> None:
    """prctl(2); what an old kernel refuses is left undone."""
    if _LIBC is not None:
        _LIBC.prctl(option, value, 0, 0, 0)


def keep_only(capability: int) -> None:
    """Reduce this process to one capability that also survives exec (ambient); raises OSError when that is refused."""
    if _LIBC is None:
        raise OSError("capabilities are Linux's")
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    mask = 1 << capability
    sets = (ctypes.c_uint32 * 6)(
        mask, mask, mask, 0, 0, 0
    )  # effective, permitted, inheritable; low words, then high ones
    if _LIBC.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    if _LIBC.prctl(_CAP_AMBIENT, _RAISE, capability, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl: ambient capability")
