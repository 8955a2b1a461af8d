"""Apple silicon as macOS describes it: chip, system and unified memory, and how much of that the GPU may use.

Read by one `sysctl`, a few milliseconds. Macs with an Intel processor count as no Apple silicon.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import frozen

NAMES = (
    "machdep.cpu.brand_string",  # 'Apple M4 Pro'
    "hw.memsize",
    "kern.osproductversion",  # '15.3'
    "sysctl.proc_translated",  # 1 under Rosetta
    "iogpu.wired_limit_mb",  # 0 leaves the limit to macOS
)
LARGE = 36 * 2**30  # Macs from here on
SHARE, LARGE_SHARE = 2 / 3, 3 / 4
SECONDS = 5
Version = tuple[int, ...]


@frozen
class Apple:
    """A Mac with Apple silicon. `working_bytes`: what the GPU may hold."""

    chip: str
    generation: int  # 4 for every M4; 0 when the chip's name does not say
    system: Version
    memory_bytes: int
    working_bytes: int

    @property
    def device(self) -> str:
        """'Apple M4 Pro, 24 GB'."""
        return f"{self.chip}, {self.memory_bytes / 2**30:.0f} GB"

    def facts(self) -> dict[str, Any]:
        """What profiles and stages may ask, by the names in `Hardware`; `unified_memory` in GiB."""
        return {
            "devices": 1,
            "chip": self.chip,
            "generation": f"m{self.generation}" if self.generation else "unknown",
            "system": f"macOS {'.'.join(map(str, self.system))}",
            "unified_memory": round(self.memory_bytes / 2**30, 1),
        }


class NotApple(Exception):
    """This is no Mac with Apple silicon, or Python does not see that it is; the text says which."""


@cache
def look() -> Apple:
    """This Mac; raises NotApple."""
    return read(_sysctl, sys.platform, platform.machine())


def read(ask: Callable[[Sequence[str]], str], system: str, processor: str) -> Apple:
    """The Mac that `ask` describes: the output of `sysctl` for some names. Raises NotApple."""
    if system != "darwin":
        raise NotApple("this is not a Mac")
    told = _parsed(ask(NAMES))
    if told.get("sysctl.proc_translated") == "1":
        raise NotApple("this Python runs under Rosetta: install one for arm64")
    if processor != "arm64":
        raise NotApple("this Mac has an Intel processor")
    memory = _number(told.get("hw.memsize"))
    chip = told.get("machdep.cpu.brand_string", "Apple silicon")
    found = re.search(r"\bM(\d+)\b", chip)
    return Apple(
        chip=chip,
        generation=int(found[1]) if found else 0,
        system=tuple(_number(part) for part in told.get("kern.osproductversion", "").split(".") if part),
        memory_bytes=memory,
        working_bytes=working_bytes(memory, _number(told.get("iogpu.wired_limit_mb"))),
    )


def working_bytes(memory: int, limit_mb: int = 0) -> int:
    """What Metal recommends as the most that its GPU holds (`recommendedMaxWorkingSetSize`), as near as can be told here.

    The limit that somebody set by `sudo sysctl iogpu.wired_limit_mb=N`, else two thirds of the memory, or three quarters of 36
    GiB and more. Apple documents no rule; these shares are what Metal reports in llama.cpp's logs: 10,922.67 MiB of 16 GiB,
    21,845.34 of 32, 49,152.00 of 64. macOS 26 gives a little more (11.8 GiB of 16), so this is careful there; `trial` asks Metal.
    """
    if limit_mb > 0:
        return limit_mb * 2**20
    return int(memory * (LARGE_SHARE if memory >= LARGE else SHARE))


def _sysctl(names: Sequence[str]) -> str:
    """Lines of 'name: value' for the names that this macOS knows."""
    import subprocess  # only on a Mac: elsewhere its import would be most of the look

    try:
        done = subprocess.run(
            ["/usr/sbin/sysctl", *names], capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _parsed(text: str) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
