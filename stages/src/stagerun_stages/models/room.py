"""Whether a training fits a device: with how many rows at once, and what to change if not even one does.

A twentieth of the device is left to fragmentation and to what libraries take for themselves before a number of rows is said to
fit. What is refused exceeds all of the device even so; in between, the rows are divided when memory runs out (train/memory.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from stagerun import Hardware, Room
from stagerun_stages.models import quantised
from stagerun_stages.models.needs import sharing
from stagerun_stages.models.shapes import Config, config_of
from stagerun_stages.models.smaller import base
from stagerun_stages.train.optimizers import misfits

if TYPE_CHECKING:
    from stagerun_stages.code.generate import Generate
    from stagerun_stages.train.options import Training

SPARED = 0.05  # of the device
STEP = 256  # tokens between two lengths that are tried
LEAST, SHARE = 2048, 4  # a length below these tokens, or below this part of what was asked, is no advice
CHUNK = 256  # tokens of a prompt that are read at once, where all of them are too many
SMALLEST = 8  # rank below which none is advised

Change = tuple[str, Callable[["Training"], "Training"]]


def of_training(options: Training, origins: Mapping[str, Any], hardware: Hardware) -> Room | None:
    """How many rows fit; None for an unknown model or device."""
    offered = _offered(hardware)
    if not offered or _needed(options, origins, hardware) is None:
        return None
    limit = offered * (1 - SPARED)
    fitting = next((rows for rows in _sizes(options) if _fits(_with_rows(options, rows), origins, hardware, limit)), 0)
    advice = () if fitting else tuple(_advice(options, origins, hardware, limit))
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
    offered, single = _offered(hardware), _one_question(_with_rows(options, 1))
    needed = _needed(single, origins, hardware)
    if not offered or needed is None or needed.memory_bytes <= offered:
        return
    advice = list(_advice(options, origins, hardware, offered * (1 - SPARED)))
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


def _one_question(options: Training) -> Training:
    """Held-out questions one at a time: they are divided with the rows when memory runs out."""
    return evolve(options, evaluation=evolve(options.evaluation, batch_size=1))


def _advice(options: Training, origins: Mapping[str, Any], hardware: Hardware, limit: float) -> Iterator[str]:
    """Each single change that makes one row fit; the longest row that does; and one that is longer with more changes.

    Where nothing of that helps, how large a base would fit.
    """
    single, told = _with_rows(options, 1), set[str]()
    hardware = evolve(hardware, here=False)  # what is not installed can be
    config = config_of(origins.get("model")) or {}
    harmless, smaller = list(_harmless(single, origins, hardware)), list(_smaller(single, config, hardware))
    for text, change in (*harmless, *smaller):
        name = text.partition(" ")[0]
        if name not in told and _fits(change(single), origins, hardware, limit):
            told.add(name)
            yield text
    length = _longest(single, origins, hardware, limit)
    if length:
        yield f"max_length = {length}"
    if told:
        return
    more = _together(harmless, single, origins, hardware, limit, length)
    more = more or ("" if length else _together([*harmless, *smaller], single, origins, hardware, limit, 0))
    more = more or ("" if length else _base(single, config, origins, hardware, limit))
    yield from [more] if more else []


def _together(
    changes: list[Change],
    single: Training,
    origins: Mapping[str, Any],
    hardware: Hardware,
    limit: float,
    best: int,
) -> str:
    """These changes, one after the other, as far as they make longer rows fit than `best`; empty when they do not."""
    done: dict[str, str] = {}
    told = ""
    for text, change in changes:
        done[text.partition(" ")[0]], single = text, change(single)
        if _fits(single, origins, hardware, limit):
            return " with ".join(done.values())
        length = _longest(single, origins, hardware, limit)
        if length > best:
            best, told = length, " with ".join([*done.values(), f"max_length = {length}"])
    return told


def _base(single: Training, config: Config, origins: Mapping[str, Any], hardware: Hardware, limit: float) -> str:
    """How large a base would fit with all that is said here."""

    def fits(model: Any) -> bool:
        given = copy(origins)  # what else it knows of the inputs stays
        given["model"] = model  # type: ignore[index]
        return _fits(single, given, hardware, limit)

    return base(origins.get("model"), config, fits)


def _harmless(single: Training, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[Change]:
    """Changes that leave what is learned as it is, or nearly so."""
    for count in range(sharing(single, hardware.policy) - 1, 0, -1):
        if single.batch_size % count == 0:
            yield f"launch.processes = {count}", partial(_launching, processes=count)
    if not single.gradient_checkpointing:
        yield "gradient_checkpointing = true", lambda it: evolve(it, gradient_checkpointing=True)
    if single.evaluation.batch_size > 1 and "heldout" in getattr(origins, "given", ()):
        yield "evaluation.batch_size = 1", _one_question
    rows, prompt, _ = single.generates
    pieces = max(getattr(single, "generations", 0) // single.batch_size, 1)
    if rows > single.batch_size * pieces:
        yield f"trainer.steps_per_generation = {pieces}", partial(_passing, steps_per_generation=pieces)
    if prompt > CHUNK:
        kwargs = {**single.trainer.get("generation_kwargs", {}), "prefill_chunk_size": CHUNK}
        yield f"trainer.generation_kwargs.prefill_chunk_size = {CHUNK}", partial(_passing, generation_kwargs=kwargs)
    eight: dict[str, Any] = {"optim": "adamw_8bit"}
    if hardware.policy.device == "cuda" and "optim" not in single.trainer and not any(misfits(eight, hardware)):
        yield 'trainer.optim = "adamw_8bit"', partial(_passing, **eight)


def _launching(single: Training, processes: int) -> Training:
    return evolve(single, launch=evolve(single.launch, processes=processes))


def _passing(single: Training, **more: Any) -> Training:
    return evolve(single, trainer={**single.trainer, **more})


def _smaller(single: Training, config: Config | None, hardware: Hardware) -> Iterator[Change]:
    """Changes that make the adapter, or the precision of what it stands on, smaller."""
    lora, rank = single.lora, single.lora.rank // 2
    if single.quantize == "none" and not lora.experts and not any(quantised.misfits("4bit", config, hardware)):
        yield 'quantize = "4bit"', lambda it: evolve(it, quantize="4bit")
    while rank >= SMALLEST:
        yield f"lora.rank = {rank}", partial(_adapting, rank=rank)
        rank //= 2
    if lora.experts:
        yield "lora.experts = false", partial(_adapting, experts=False)


def _adapting(single: Training, **changed: Any) -> Training:
    return evolve(single, lora=evolve(single.lora, **changed))


def _longest(single: Training, origins: Mapping[str, Any], hardware: Hardware, limit: float) -> int:
    """The longest row that fits, in steps of `STEP` tokens; 0 when none does that is long enough to be advised."""
    low = max(min(LEAST, single.max_length // SHARE), getattr(single, "max_completion_length", 0) + STEP) // STEP
    high = (single.max_length - 1) // STEP
    if low > high or not _fits(evolve(single, max_length=low * STEP), origins, hardware, limit):
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        fits = _fits(evolve(single, max_length=middle * STEP), origins, hardware, limit)
        low, high = (middle, high) if fits else (low, middle - 1)
    return low * STEP
