"""What to change so that one row of a training fits a device on which it does not: single options, several together, a base.

Everything is tried on the estimate itself; changes that decide no result come first. Not covered: whether what fits learns well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from stagerun import Hardware
from stagerun_stages.models import quantised
from stagerun_stages.models.needs import sharing
from stagerun_stages.models.shapes import Config, config_of
from stagerun_stages.models.smaller import base
from stagerun_stages.train.optimizers import misfits

if TYPE_CHECKING:
    from stagerun_stages.train.options import Training

STEP = 256  # tokens between two lengths that are tried
LEAST, SHARE = 2048, 4  # a length below these tokens, or below this part of what was asked, is no advice
CHUNK = 256  # tokens of a prompt that are read at once, where all of them are too many
SMALLEST = 8  # rank below which none is advised
WORTH = 0.9  # of the length that several changes make possible: one without which so much is left is not advised

Change = tuple[str, Callable[["Training"], "Training"]]
Changes = Mapping[str, Change]  # by the option that is changed


@frozen
class Trial:
    """A training with one row at once, on a device of which it may take `limit` bytes."""

    options: Training
    origins: Mapping[str, Any]
    hardware: Hardware
    limit: float

    def fits(self, options: Training) -> bool:
        """Whether it fits with these options."""
        found = options.estimate(self.origins, self.hardware.policy)
        return found is not None and found.memory_bytes <= self.limit

    def reach(self, changes: Changes) -> int:
        """The longest row with all these changes, in tokens: as long as was asked, or in steps of `STEP`; 0 for none."""
        options = self.options
        for _, change in changes.values():
            options = change(options)
        return options.max_length if self.fits(options) else self._longest(options)

    def _longest(self, options: Training) -> int:
        """The longest row that fits; 0 when none does that is long enough to be advised."""
        least = max(min(LEAST, options.max_length // SHARE), getattr(options, "max_completion_length", 0) + STEP)
        low, high = least // STEP, (options.max_length - 1) // STEP
        if low > high or not self.fits(evolve(options, max_length=low * STEP)):
            return 0
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.fits(evolve(options, max_length=middle * STEP))
            low, high = (middle, high) if fits else (low, middle - 1)
        return low * STEP


def advice(single: Training, origins: Mapping[str, Any], hardware: Hardware, limit: float) -> Iterator[str]:
    """Each single change that makes one row fit; the longest row that does; and one that is longer with more changes.

    Where nothing of that helps, several changes of any kind, or how large a base would fit.
    """
    trial = Trial(single, origins, evolve(hardware, here=False), limit)  # what is not installed can be
    config = config_of(origins.get("model")) or {}
    harmless = list(_harmless(single, origins, trial.hardware))
    smaller = list(_smaller(single, config, trial.hardware))
    alone = {_option(one): one[0] for one in reversed([*harmless, *smaller]) if trial.fits(one[1](single))}
    yield from reversed(alone.values())
    length = trial.reach({})
    if length:
        yield f"max_length = {length}"
    if not alone:
        more = _together(harmless, trial, length)
        rest = "" if length or more else _together([*harmless, *smaller], trial, 0) or _base(config, trial)
        yield from filter(None, (more, rest))


def _together(changes: list[Change], trial: Trial, least: int) -> str:
    """As few of these changes as make rows fit that are longer than `least`; empty when none do."""
    done: dict[str, Change] = {}
    best: int = least
    kept: Changes = {}
    for one in changes:
        done = {**done, _option(one): one}
        reached = trial.reach(done)
        if reached > best:
            best, kept = reached, done
    if not kept:
        return ""
    kept = _needed(kept, best, trial)
    best = trial.reach(kept)
    length = [f"max_length = {best}"] if best < trial.options.max_length else []
    return " with ".join([*(text for text, _ in kept.values()), *length])


def _needed(changes: Changes, best: int, trial: Trial) -> Changes:
    """Those changes without which rows would be much shorter than `best`, or not as long as was asked."""
    enough = best if best == trial.options.max_length else WORTH * best
    for name in list(changes):
        fewer = {other: change for other, change in changes.items() if other != name}
        if fewer and trial.reach(fewer) >= enough:
            changes = fewer
    return changes


def _base(config: Config, trial: Trial) -> str:
    """How large a base would fit with all that is said."""

    def fits(model: Any) -> bool:
        given = copy(trial.origins)  # what else it knows of the inputs stays
        given["model"] = model  # type: ignore[index]
        return evolve(trial, origins=given).fits(trial.options)

    return base(trial.origins.get("model"), config, fits)


def _option(change: Change) -> str:
    return change[0].partition(" ")[0]


def _harmless(single: Training, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[Change]:
    """Changes that leave what is learned as it is, or nearly so."""
    for count in range(sharing(single, hardware.policy) - 1, 0, -1):
        if single.batch_size % count == 0:
            yield f"launch.processes = {count}", partial(_launching, processes=count)
    if not single.gradient_checkpointing:
        yield "gradient_checkpointing = true", lambda it: evolve(it, gradient_checkpointing=True)
    if single.evaluation.batch_size > 1 and "heldout" in getattr(origins, "given", ()):
        yield "evaluation.batch_size = 1", one_question
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


def _smaller(single: Training, config: Config, hardware: Hardware) -> Iterator[Change]:
    """Changes that make the adapter, or the precision of what it stands on, smaller."""
    lora, rank = single.lora, single.lora.rank // 2
    if single.quantize == "none" and not lora.experts and not any(quantised.misfits("4bit", config, hardware)):
        yield 'quantize = "4bit"', lambda it: evolve(it, quantize="4bit")
    while rank >= SMALLEST:
        yield f"lora.rank = {rank}", partial(_adapting, rank=rank)
        rank //= 2
    if lora.experts:
        yield "lora.experts = false", partial(_adapting, experts=False)


def one_question(options: Training) -> Training:
    """Held-out questions one at a time: they are divided with the rows when memory runs out."""
    return evolve(options, evaluation=evolve(options.evaluation, batch_size=1))


def _passing(single: Training, **more: Any) -> Training:
    return evolve(single, trainer={**single.trainer, **more})


def _adapting(single: Training, **changed: Any) -> Training:
    return evolve(single, lora=evolve(single.lora, **changed))


def _launching(single: Training, processes: int) -> Training:
    return evolve(single, launch=evolve(single.launch, processes=processes))
