"""What optimizers keep of each trained number, and what those in 8 bits need. Names are those of transformers' `optim`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stagerun import Hardware
from stagerun_stages.models.quantised import DEVICES
from stagerun_stages.train.packages import missing

EIGHT_BITS = ("8bit", "bnb")  # parts of the names of those that bitsandbytes has


def moments(trainer: Mapping[str, Any], width: int) -> float:
    """Bytes for each trained number, which itself takes `width`: Adam keeps two moments of the same width, or of 8 bits."""
    name = str(trainer.get("optim", ""))
    if _in_8_bits(name):
        return 2.0
    return 0.0 if name == "sgd" else 2.0 * width


def misfits(trainer: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option: an optimizer in 8 bits where bitsandbytes is not."""
    name = str(trainer.get("optim", ""))
    if not _in_8_bits(name):
        return
    if hardware.policy.device not in DEVICES:
        where = f"{hardware.probe.device} ({hardware.backend})"
        yield "trainer.optim", f'trainer.optim is "{name}", for which bitsandbytes has no code on {where}; leave it out'
    elif lacking := missing(hardware, "bitsandbytes"):
        yield "trainer.optim", f'trainer.optim is "{name}", and {lacking}'


def _in_8_bits(name: str) -> bool:
    return any(part in name for part in EIGHT_BITS)
