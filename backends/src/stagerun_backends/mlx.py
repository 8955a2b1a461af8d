"""MLX, Apple's library: Metal on a Mac, and the CPU on Linux, where it serves to test what runs on the Mac.

Only looks whether the package is there; it is never imported here. Training with it is the business of stages that can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from attrs import evolve, frozen

from stagerun.contracts import Policy, Probe
from stagerun_backends import mps
from stagerun_backends.apple import NotApple, look
from stagerun_backends.cpu import Cpu
from stagerun_backends.trial import mlx_trial

BELOW_CPU, ABOVE_CPU = -10, 10
INSTALL = 'install it: "mlx" on a Mac, "mlx[cpu]" on Linux'
LIBRARIES = ("lib/libmlx.so", "lib64/libmlx.so", "lib/libmlx.dylib", "lib64/libmlx.dylib")


@frozen
class Mlx:
    """MLX where its package is installed. `auto` never takes it on Linux; on a Mac it takes `mps`, which more stages know."""

    seen: Probe | None = None
    name: str = "mlx"
    tells: ClassVar[Mapping[str, Sequence[str]]] = {**mps.Mps.tells, **Cpu.tells}

    @property
    def rank(self) -> int:
        """Above the CPU on a Mac, below it elsewhere."""
        return ABOVE_CPU if "chip" in self.probe().facts else BELOW_CPU

    def probe(self) -> Probe:
        """The Mac, or the CPU of another system; unavailable without the package."""
        return self.seen or _probe()

    def environ(self) -> Mapping[str, str]:
        """What torch wants on the same device."""
        return self._torch.environ()

    def policy(self) -> Policy:
        """Torch's on the same device, for stages that know nothing of MLX. Options: `engine` is what those train with that do,
        `mlx_device` where MLX computes."""
        known = self._torch.policy()
        own = {"engine": "mlx", "mlx_device": "gpu" if known.device == "mps" else "cpu"}
        return evolve(known, options={**known.options, **own})

    def trial(self) -> str:
        """Multiply with MLX and compare with its CPU; raises RuntimeError with why it cannot."""
        return mlx_trial()

    @property
    def _torch(self) -> mps.Mps | Cpu:
        found = self.probe()
        return mps.Mps(seen=found) if "chip" in found.facts else Cpu(seen=found)


@cache
def _probe() -> Probe:
    missing = _missing()
    if missing:
        return Probe(False, "", f"{missing}; {INSTALL}")
    try:
        return mps.judged(look())
    except NotApple:
        return _elsewhere()


def _missing() -> str:
    """Why MLX cannot be used, or the empty string. On Linux the package alone is an empty shell without its library."""
    spec = find_spec("mlx")
    if spec is None or not spec.submodule_search_locations:
        return "the package mlx is not installed"
    places = [Path(place) / name for place in spec.submodule_search_locations for name in LIBRARIES]
    return "" if any(place.is_file() for place in places) else "the package mlx is installed without its library"


def _elsewhere() -> Probe:
    cpu = Cpu().probe()
    return evolve(cpu, device=f"{cpu.device}, by MLX")
