"""Reading the machine from its files: hyper-threads, quotas and limits of both cgroup versions, and missing files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stagerun_backends import machine

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="reads Linux's files")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 4 cores with 2 hyper-threads each and 64 GiB."""
    monkeypatch.setattr(machine, "_allowed", lambda: frozenset(range(8)))
    for cpu in range(8):
        put(tmp_path, f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", f"{cpu % 4},{cpu % 4 + 4}\n")
    put(tmp_path, "proc/cpuinfo", "processor : 0\nmodel name : Test CPU 9000\n")
    put(tmp_path, "proc/meminfo", f"MemTotal:       {64 * 2**20} kB\nMemFree: 1 kB\n")
    put(tmp_path, "proc/self/cgroup", "0::/\n")
    return tmp_path


def put(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_hyper_threads_of_one_core_count_once(root: Path) -> None:
    assert machine.look(root) == machine.Machine("Test CPU 9000", 4, 64 * 2**30)


def test_only_the_cpus_of_the_affinity_mask_count(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_allowed", lambda: frozenset({0, 1, 4}))
    assert machine.look(root).cores == 2


def test_a_container_s_quota_and_memory_limit_count(root: Path) -> None:
    put(root, "sys/fs/cgroup/cpu.max", "250000 100000\n")
    put(root, "sys/fs/cgroup/memory.max", f"{8 * 2**30}\n")
    found = machine.look(root)
    assert (found.cores, found.memory_bytes) == (2, 8 * 2**30)


def test_a_cgroup_without_limits_changes_nothing(root: Path) -> None:
    put(root, "sys/fs/cgroup/cpu.max", "max 100000\n")
    put(root, "sys/fs/cgroup/memory.max", "max\n")
    found = machine.look(root)
    assert (found.cores, found.memory_bytes) == (4, 64 * 2**30)


def test_the_tightest_limit_on_the_way_up_counts(root: Path) -> None:
    put(root, "proc/self/cgroup", "0::/slice/unit\n")
    put(root, "sys/fs/cgroup/slice/memory.max", f"{4 * 2**30}\n")
    put(root, "sys/fs/cgroup/slice/unit/memory.max", f"{6 * 2**30}\n")
    assert machine.look(root).memory_bytes == 4 * 2**30


def test_limits_of_cgroup_version_1_count(root: Path) -> None:
    put(root, "proc/self/cgroup", "4:memory:/pod\n2:cpu,cpuacct:/pod\n")
    put(root, "sys/fs/cgroup/memory/pod/memory.limit_in_bytes", f"{2 * 2**30}\n")
    put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    put(root, "sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us", "300000\n")
    put(root, "sys/fs/cgroup/cpu/pod/cpu.cfs_period_us", "100000\n")
    found = machine.look(root)
    assert (found.cores, found.memory_bytes) == (3, 2 * 2**30)


def test_less_than_one_cpu_is_still_one_core(root: Path) -> None:
    put(root, "sys/fs/cgroup/cpu.max", "50000 100000\n")
    assert machine.look(root).cores == 1


def test_a_machine_that_tells_nothing_gets_an_answer_all_the_same(tmp_path: Path) -> None:
    found = machine.look(tmp_path)
    assert found.cores >= 1
    assert found.memory_bytes == 0
    assert found.model


@pytest.mark.parametrize(
    ("line", "has"),
    [
        ("flags : fpu avx512f avx512_bf16", True),
        ("flags : fpu amx_tile amx_bf16", True),
        ("Features : fp asimd bf16 i8mm", True),
        ("flags : fpu avx2 avx512f", False),
    ],
)
def test_instructions_for_bfloat16_are_read_from_the_processor_s_flags(root: Path, line: str, has: bool) -> None:
    put(root, "proc/cpuinfo", f"processor : 0\nmodel name : Test CPU 9000\n{line}\n\nprocessor : 1\n")
    assert machine.look(root).bf16 is has
