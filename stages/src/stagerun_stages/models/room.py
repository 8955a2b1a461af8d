"""Whether a training fits a device: with how many rows at once; what to change if not even one does is in advice.py.

A twentieth of the device is left to fragmentation and to what libraries take for themselves before a number of rows is said to
fit. What is refused exceeds all of the device even so; in between, the rows are divided when memory runs out (train/memory.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from stagerun import Hardware, Room
from stagerun_stages.models.advice import advice as advised
from stagerun_stages.models.advice import one_question
from stagerun_stages.models.needs import sharing

if TYPE_CHECKING:
    from stagerun_stages.code.generate import Generate
    from stagerun_stages.train.options import Training

SPARED = 0.05  # of the device


def of_training(options: Training, origins: Mapping[str, Any], hardware: Hardware) -> Room | None:
    """How many rows fit; None for an unknown model or device."""
    offered = _offered(hardware)
    if not offered or _needed(options, origins, hardware) is None:
        return None
    limit = offered * (1 - SPARED)
    fitting = next((rows for rows in _sizes(options) if _fits(_with_rows(options, rows), origins, hardware, limit)), 0)
    advice = () if fitting else tuple(advised(_with_rows(options, 1), origins, hardware, limit))
    return Room(options.rows_at_once, fitting, advice)


def of_answers(options: Generate, origins: Mapping[str, Any], hardware: Hardware) -> Room | None:
    """How many answers fit; None for an unknown model or device."""
    limit, rows = _offered(hardware) * (1 - SPARED), options.batch_size
    if not limit or options.estimate(origins, hardware.policy) is None:
        return None
    while rows and not _fits(evolve(options, batch_size=rows), origins, hardware, limit):
        rows //= 2  # as it is divided when memory runs out
    return Room(options.batch_size, rows, () if rows else ("a smaller max_new_tokens",))


def too_large(options: Training, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """That not even one row fits, with the option that is to blame most."""
    offered, single = _offered(hardware), one_question(_with_rows(options, 1))
    needed = _needed(single, origins, hardware)
    if not offered or needed is None or needed.memory_bytes <= offered:
        return
    advice = list(advised(_with_rows(options, 1), origins, hardware, offered * (1 - SPARED)))
    would = (
        f"; what would fit: {', or '.join(advice)}" if advice else "; nothing smaller that is known here fits it either"
    )
    parts = ", ".join(f"{name} {_gb(size)}" for name, size in needed.memory.items() if size >= 1e8)
    sharers = sharing(single, hardware.policy)
    each = f" in each of {sharers} processes" if sharers > 1 else ""
    yield (
        "max_length",
        f"one row of {options.max_length} tokens{each} takes {_gb(needed.memory_bytes)} at {needed.peak} ({parts}), "
        f"and {hardware.probe.device} has {_gb(offered)}{would}",
    )


def _gb(size: float) -> str:
    return f"{size / 1e9:.1f} GB"


def _offered(hardware: Hardware) -> float:
    return hardware.probe.memory_gb * 2**30


def _needed(options: Training | Generate, origins: Mapping[str, Any], hardware: Hardware) -> Any:
    return options.estimate(origins, hardware.policy)


def _fits(options: Training | Generate, origins: Mapping[str, Any], hardware: Hardware, limit: float) -> bool:
    found = _needed(options, origins, hardware)
    return found is not None and found.memory_bytes <= limit


def _sizes(options: Training) -> list[int]:
    """Rows at once that a batch may be taken in, most first: pieces must be equal."""
    batch = options.batch_size // options.launch.processes
    return [rows for rows in range(options.rows_at_once, 0, -1) if batch % rows == 0]


def _with_rows(options: Training, rows: int) -> Training:
    """The same training with so many rows at once."""
    return evolve(options, micro_batch=rows)
