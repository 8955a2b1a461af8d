"""System calls that candidates may not make, as a BPF program assembled here; for x86_64 and aarch64.

A list of what is forbidden, not of what is allowed: programs of four languages and their tools run under it, and what a list of
allowed calls forgets turns right answers into wrong ones. Calls whose answer never depends on an argument cost nothing: the
kernel (5.11 on) remembers them. Most answer EPERM; where a program has another way when a call does not exist, ENOSYS.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable

# name: (x86_64, aarch64); None where the processor has no such call. linux/unistd.h, asm/unistd_64.h
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "modify_ldt": (154, None),
    "pivot_root": (155, 41),
    "_sysctl": (156, None),
    "adjtimex": (159, 171),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "nfsservctl": (180, 42),
    "lookup_dcookie": (212, 18),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "migrate_pages": (256, 238),
    "unshare": (272, 97),
    "move_pages": (279, 239),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "clock_adjtime": (305, 266),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "process_mrelease": (448, 448),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    # Segments and queues outlive their process, and the next candidate of this keeper would find them.
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
_MISSING: dict[str, tuple[int | None, int | None]] = {  # answered with ENOSYS: libraries know another way
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),  # its flags lie in memory, where a filter cannot look
}
_MEMFD: dict[str, tuple[int | None, int | None]] = {"memfd_create": (319, 279)}
_OWNERS: dict[str, tuple[int | None, int | None]] = {  # change a file that is not ours to open
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
_TIMES: dict[str, tuple[int | None, int | None]] = {
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}
_CHMOD = {"chmod": ((90, None), 1), "fchmod": ((91, 52), 1), "fchmodat": ((268, 53), 2), "fchmodat2": ((452, 452), 2)}
_CLONE, _IOCTL, _SOCKET, _SOCKETPAIR = (56, 220), (16, 29), (41, 198), (53, 199)

_ARCHES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH_*
_NEW_ANYTHING = 0x7E020000  # CLONE_NEW*: namespaces of any kind
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_UNIX, _INET, _INET6 = 1, 2, 10
_X32 = 0x40000000

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _AND, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARG = 0, 4, 16

Step = tuple[int, int, int, int]  # code, offset when true, offset when false, value


def program(*, network: bool, memfd: bool, own_files_only: bool) -> bytes:
    """The filter. `network`: sockets may be made, as they lead nowhere. `memfd`: files in memory may be made, as they count.
    `own_files_only`: candidates run as the user, so what changes a file without opening it is forbidden; see docs of the tier.

    Raises OSError on a processor that is not known.
    """
    machine = os.uname().machine
    if machine not in _ARCHES:
        raise OSError(f"seccomp: no table of system calls for the processor {machine!r}")
    column, arch = _ARCHES[machine]
    steps: list[Step] = [(_LOAD, 0, 0, _ARCH), (_JUMP_EQUAL, 1, 0, arch), _no(errno.ENOSYS), (_LOAD, 0, 0, _NR)]
    steps += [(_JUMP_ABOVE, 0, 1, _X32), _no(errno.ENOSYS)] if machine == "x86_64" else []
    denied = _CALLS | ({} if memfd else _MEMFD) | (_OWNERS if own_files_only else {})
    steps += _answers(denied, column, errno.EPERM) + _answers(_MISSING, column, errno.ENOSYS)
    if own_files_only:
        steps += _answers(_TIMES, column, 0) + _modes(column)
    steps += _when(_CLONE[column], 0, [(_JUMP_ANY_BIT, 0, 1, _NEW_ANYTHING), _no(errno.EPERM)])
    steps += _when(_IOCTL[column], 1, _any_of((_TIOCSTI, _TIOCLINUX), errno.EPERM))
    steps += _when(_SOCKET[column], 0, _none_but((_UNIX, _INET, _INET6) if network else (), errno.EACCES))
    steps += _when(_SOCKETPAIR[column], 0, _none_but((_UNIX,), errno.EACCES))
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _no(number: int) -> Step:
    return (_RETURN, 0, 0, _ERRNO | number)


def _answers(calls: dict[str, tuple[int | None, int | None]], column: int, number: int) -> list[Step]:
    """Answer each of the calls with that error, or do nothing and say that it went well when it is 0."""
    numbers = [at for numbers in calls.values() if (at := numbers[column]) is not None]
    return [step for at in numbers for step in ((_JUMP_EQUAL, 0, 1, at), _no(number))]


def _when(call: int, argument: int, then: list[Step]) -> list[Step]:
    """Look at an argument (its low half: these are ints) of one call; the number is loaded again afterwards."""
    body = [(_LOAD, 0, 0, _ARG + 8 * argument), *then, (_LOAD, 0, 0, _NR)]
    return [(_JUMP_EQUAL, 0, len(body), call), *body]


def _any_of(values: Iterable[int], number: int) -> list[Step]:
    return [step for value in values for step in ((_JUMP_EQUAL, 0, 1, value), _no(number))]


def _none_but(values: tuple[int, ...], number: int) -> list[Step]:
    """Refuse every value but these."""
    jumps = [(_JUMP_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    return [*jumps, _no(number)]


def _modes(column: int) -> list[Step]:
    """A mode may only be one that an owner can use and others can at most read: a compiler makes its output executable so."""
    steps: list[Step] = []
    for numbers, argument in _CHMOD.values():
        if (call := numbers[column]) is not None:
            no = _no(errno.EPERM)
            owner = [(_AND, 0, 0, 0o600), (_JUMP_EQUAL, 1, 0, 0o600), no]
            steps += _when(call, argument, [(_JUMP_ANY_BIT, 0, 1, 0o7022), no, *owner])
    return steps
