"""NVIDIA's GPUs that this process may use, as data, and how `CUDA_VISIBLE_DEVICES` chooses among them.

Where the data comes from is for `nvml` (the driver's library) and `smi` (its command) to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from attrs import frozen

VENDOR = "0x10de"  # NVIDIA's number on the PCI bus
GENERATIONS = (  # from this compute capability on: developer.nvidia.com/cuda-gpus
    ((10, 0), "blackwell"),
    ((9, 0), "hopper"),
    ((8, 9), "ada"),
    ((8, 0), "ampere"),
    ((7, 5), "turing"),
    ((7, 0), "volta"),
    ((6, 0), "pascal"),
)
OLDEST = "older"
NOT_LOADED = 9  # that the driver is not loaded, as NVML (nvmlReturn_t) and as nvidia-smi (its exit code) say it

Version = tuple[int, int]
Known = TypeVar("Known")


class Unreadable(Exception):
    """The driver or its GPUs cannot be asked: why, what to do, and whether that is because the driver is not loaded."""

    def __init__(self, what: str, todo: str = "", *, unloaded: bool = False) -> None:
        self.unloaded = unloaded
        super().__init__(f"{what}; {todo}" if todo else what)


@frozen
class Gpu:
    """One GPU, or one instance of a GPU that is divided (MIG).

    `memory_bytes`: what a program may use; 0 where it has none of its own and shares the machine's (GB10, Jetson).
    """

    name: str
    memory_bytes: int
    capability: Version


@frozen
class Nvidia:
    """The driver, the newest CUDA that it speaks (None when it does not say), and the GPUs a program would see."""

    driver: str
    cuda: Version | None
    gpus: Sequence[Gpu]
    installed: int  # GPUs in the machine, before CUDA_VISIBLE_DEVICES


def generation(capability: Version) -> str:
    """The name of a compute capability's architecture, lower case; 'older' for those before Pascal."""
    return next((name for least, name in GENERATIONS if capability >= least), OLDEST)


def wanted(said: str | None) -> list[str] | None:
    """What `CUDA_VISIBLE_DEVICES` names: numbers or identifiers as texts; None for every GPU.

    As the driver reads it: the list ends at the first entry that is neither, and one named twice leaves nothing.
    """
    if said is None:
        return None
    names: list[str] = []
    for entry in (part.strip() for part in said.split(",")):
        if not entry.isdecimal() and not entry.startswith(("GPU-", "MIG-")):
            break
        names.append(str(int(entry)) if entry.isdecimal() else entry)
    return names if len(set(names)) == len(names) else []


def visible(said: str | None, known: Sequence[tuple[str, Known]]) -> list[Known]:
    """Those of `known`, pairs of identifier and GPU in the order of their numbers, that `CUDA_VISIBLE_DEVICES` leaves."""
    names = wanted(said)
    if names is None:
        return [gpu for _, gpu in known]
    found = []
    for name in names:
        place = int(name) if name.isdecimal() else _place(name, [uuid for uuid, _ in known])
        if place is None or place >= len(known):
            break
        found.append(known[place][1])
    return found


def _place(name: str, uuids: Sequence[str]) -> int | None:
    """An identifier may be cut short as long as one GPU alone begins with it."""
    places = [place for place, uuid in enumerate(uuids) if uuid.startswith(name)]
    return places[0] if len(places) == 1 else None


def plugged_in(root: Path = Path("/")) -> bool:
    """Whether a device of NVIDIA's is on the PCI bus, driver or not; False where the bus cannot be looked at."""
    files = root.glob("sys/bus/pci/devices/*/vendor")
    return any(_text(file) == VENDOR for file in files)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
