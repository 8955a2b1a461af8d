"""Apple silicon read from what `sysctl` says, in recorded form: no Mac can be had here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from stagerun_backends import apple
from stagerun_backends.apple import Apple, NotApple

GIB = 2**30
M4 = """\
machdep.cpu.brand_string: Apple M4 Pro
hw.memsize: 25769803776
kern.osproductversion: 15.3.1
sysctl.proc_translated: 0
iogpu.wired_limit_mb: 0
"""


def read(text: str, system: str = "darwin", processor: str = "arm64") -> Apple:
    def ask(_: Sequence[str]) -> str:
        return text

    return apple.read(ask, system, processor)


def test_chip_generation_system_and_memory_are_read() -> None:
    found = read(M4)
    assert (found.chip, found.generation, found.system) == ("Apple M4 Pro", 4, (15, 3, 1))
    assert (found.device, found.memory_bytes) == ("Apple M4 Pro, 24 GB", 24 * GIB)


@pytest.mark.parametrize(("gib", "mib"), [(16, 10922.67), (32, 21845.33), (64, 49152.0)])
def test_the_gpu_s_share_is_what_metal_reports_for_macs_of_that_size(gib: int, mib: float) -> None:
    assert apple.working_bytes(gib * GIB) / 2**20 == pytest.approx(mib, abs=0.01)


def test_a_limit_that_somebody_set_counts() -> None:
    assert read(M4.replace("wired_limit_mb: 0", "wired_limit_mb: 20480")).working_bytes == 20 * GIB


def test_a_chip_without_a_number_has_no_generation() -> None:
    found = read(M4.replace("Apple M4 Pro", "Apple processor"))
    assert (found.generation, found.facts()["generation"]) == (0, "unknown")


def test_the_facts_have_their_names() -> None:
    assert read(M4).facts() == {
        "devices": 1,
        "chip": "Apple M4 Pro",
        "generation": "m4",
        "system": "macOS 15.3.1",
        "unified_memory": 24.0,
    }


@pytest.mark.parametrize(
    ("text", "system", "processor", "why"),
    [
        (M4, "linux", "x86_64", "this is not a Mac"),
        ("machdep.cpu.brand_string: Intel(R) Core(TM) i7\n", "darwin", "x86_64", "Intel processor"),
        (M4.replace("translated: 0", "translated: 1"), "darwin", "x86_64", "runs under Rosetta"),
    ],
)
def test_what_is_no_apple_silicon_is_told_with_the_reason(text: str, system: str, processor: str, why: str) -> None:
    with pytest.raises(NotApple, match=why):
        read(text, system, processor)
