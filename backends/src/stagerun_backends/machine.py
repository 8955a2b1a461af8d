"""What this process may use of the machine: processor, cores and memory, from the system's own files.

A container's share counts, not the host's size: the affinity mask, the CPU quota and the memory limit of the cgroup
(both versions) are all taken into account. Where nothing can be read the answer is small rather than wrong.
"""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path("/")
BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})  # the last is Arm's; names as in the kernel's cpuinfo


@frozen
class Machine:
    """`cores`: physical cores, at least 1. `memory_bytes`: 0 when unknown. `bf16`: it has instructions for bfloat16."""

    model: str
    cores: int
    memory_bytes: int
    bf16: bool = False


def look(root: Path = ROOT) -> Machine:
    """Look at the machine; a few milliseconds. `root` is where the files of the system are found."""
    if sys.platform == "darwin":
        return _mac()
    cores = min(_physical_cores(root, _allowed()), _quota(root))
    memory = min(_memory_total(root), _memory_limit(root))
    info = _cpuinfo(root)
    flags = f"{info.get('flags', '')} {info.get('Features', '')}".split()
    bf16 = not BF16_FLAGS.isdisjoint(flags)
    return Machine(_model(info), max(1, cores), 0 if math.isinf(memory) else int(memory), bf16)


def _mac() -> Machine:
    import subprocess  # here alone: it takes as long to import as all the rest

    names = ("machdep.cpu.brand_string", "hw.physicalcpu", "hw.memsize")
    done = subprocess.run(["/usr/sbin/sysctl", "-n", *names], capture_output=True, text=True, check=False)
    values = done.stdout.splitlines()
    if len(values) != len(names):
        return Machine(platform.machine(), os.cpu_count() or 1, 0)
    arm = subprocess.run(
        ["/usr/sbin/sysctl", "-n", "hw.optional.arm.FEAT_BF16"], capture_output=True, text=True, check=False
    )
    return Machine(values[0], int(values[1]), int(values[2]), arm.stdout.strip() == "1")


def _allowed() -> frozenset[int]:
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def _physical_cores(root: Path, cpus: frozenset[int]) -> int:
    """Hyper-threads of one core count once (their sibling lists are equal); without the files every CPU is a core."""
    places = [root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list" for cpu in cpus]
    siblings = {_text(place) or str(place) for place in places}
    return len(siblings) or os.cpu_count() or 1


def _cpuinfo(root: Path) -> dict[str, str]:
    """What the kernel says of the first processor; the others are alike."""
    first = _text(root / "proc/cpuinfo").partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, colon, value in pairs if colon}


def _model(info: dict[str, str]) -> str:
    return info.get("model name") or platform.machine() or "CPU"


def _memory_total(root: Path) -> float:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return math.inf


def _quota(root: Path) -> int:
    """Whole CPUs that the cgroup's quota allows, at least 1; a large number without a quota."""
    shares: list[float] = []
    for folder in _cgroups(root, "cpu"):
        quota, period = (*_text(folder / "cpu.max").split(), "", "")[:2]  # version 2: 'max 100000' or '150000 100000'
        quota = quota or _text(folder / "cpu.cfs_quota_us")  # version 1: -1 without a quota
        period = period or _text(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal():
            shares.append(int(quota) / int(period))
    return max(1, math.floor(min(shares))) if shares else sys.maxsize


def _memory_limit(root: Path) -> float:
    """The smallest limit on the way up, in bytes; version 1 says 'no limit' by a number larger than any memory."""
    files = ("memory.max", "memory.limit_in_bytes")
    texts = [_text(folder / file) for folder in _cgroups(root, "memory") for file in files]
    return min((int(text) for text in texts if text.isdecimal()), default=math.inf)


def _cgroups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of this process's cgroup and those above it, for either version, wherever they are mounted as usual."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and controller not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / (controllers and controller)
        own = mount / path.lstrip("/")
        yield own
        yield from (above for above in own.parents if above.is_relative_to(mount))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
