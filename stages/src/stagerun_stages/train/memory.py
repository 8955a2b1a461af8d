"""Batches in pieces that fit into memory: those that `micro_batch` asks for, and smaller ones each time memory runs out.

The global batch stays the same, down to one row at a time.

A batch of 8 rows becomes two of 4, then four of 2, then eight of 1; one of 6 becomes 3, then 1, since pieces must be equal. The
gradient is that of the same rows; SFT weighs each token and the preference losses each row as before, so the loss differs by
rounding alone. Dropout draws other masks in other pieces, and so does what is averaged piece by piece (GRPO's `bnpo`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from stagerun import StageError

DECIDED = ("rewards/margins", "rewards/accuracies")  # TRL's means over pairs, to which an equal pair adds nothing


@frozen
class Split:
    """How a global batch is taken: `micro` rows at once, `accumulation` times; `divided` says by how much less at once.

    `shrunk` is the part of that which is for want of memory.
    """

    micro: int
    accumulation: int
    divided: int = 1
    shrunk: int = 1


def split(batch: int, accumulation: int, failures: int, most: int = 0) -> Split:
    """The pieces after so many times without enough memory, at first of at most `most` rows (0: whole batches).

    Raises StageError when the last pieces were single rows.
    """
    sizes = list(_sizes(_divisor(batch, most or batch)))
    if failures >= len(sizes):
        raise StageError(
            f"memory ran out with a micro batch of {sizes[-1]} row", "lower max_length, or set gradient_checkpointing"
        )
    divided = batch // sizes[failures]
    return Split(sizes[failures], accumulation * divided, divided, sizes[0] // sizes[failures])


def _sizes(batch: int) -> Iterator[int]:
    """The batch, then each time its greatest divisor that is at most half, down to 1."""
    while True:
        yield batch
        if batch == 1:
            return
        batch = _divisor(batch, batch // 2)


def _divisor(batch: int, most: int) -> int:
    """The greatest divisor that is at most `most`: pieces must be equal."""
    return next(size for size in range(min(batch, most), 0, -1) if batch % size == 0)


def weights(rows: Sequence[int], divided: int, everyone: Sequence[Sequence[int]] = ()) -> list[float]:
    """Factors that make a mean over pieces of so many rows what it was before each batch was `divided`.

    A trainer that averages the means of its batches gives each row of a short last batch more weight. Pieces must repeat
    that: piece p of batch b counts rows(p) / rows(b) / batches where the trainer would count 1 / pieces. `everyone` are the rows
    of the pieces of all processes, of which each takes a part of a batch; the trainer averages over them too.
    """
    everyone = everyone or [rows]
    together = [sum(each) for each in zip(*everyone, strict=True)]
    batches = [sum(together[at : at + divided]) for at in range(0, len(rows), divided)]
    share = len(rows) / len(batches) * len(everyone)
    return [piece / batches[at // divided] * share for at, piece in enumerate(rows)]


class SameMean:
    """Mixin for a trainer whose loss is a mean of means (`loss_is_scaled_for_ga = False`): a divided batch weighs as a whole.

    In several processes a batch may have been filled up (filling.py) with pairs of two equal answers; `equal_loss` is what the
    loss of such a pair is, whatever the model.
    """

    divided: int = 1
    equal_loss: float = 0.0
    _pieces: Iterator[tuple[float, int]] = iter(())  # what each weighs, and its rows in all processes

    def get_batch_samples(self, *args: Any, **kwargs: Any) -> Any:
        """The pieces of a step; remembers what each weighs."""
        from stagerun_stages.train import together

        samples, items = super().get_batch_samples(*args, **kwargs)  # type: ignore[misc]
        if self.divided > 1 or together.count() > 1:
            everyone = together.gathered([_pairs(piece)[1] for piece in samples])
            factors = weights(everyone[together.rank()], self.divided, everyone)
            self._pieces = iter([*zip(factors, map(sum, zip(*everyone, strict=True)), strict=True)])
        return samples, items

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The trainer's loss of the rows that are no filling, weighed while training."""
        from stagerun_stages.train import together

        loss = super().compute_loss(model, inputs, *args, **kwargs)  # type: ignore[misc]
        if self.divided == 1 and together.count() == 1:
            return loss
        rows, real = _pairs(inputs)
        if real < rows:
            loss = (loss * rows - self.equal_loss * (rows - real)) / max(real, 1)
        if model.training:
            factor, every = next(self._pieces, (1.0, rows * together.count()))
        else:
            every = sum(together.gathered(real))
            factor = real * together.count() / max(every, 1)
        self._leave_out("train" if model.training else "eval", rows * together.count(), every)
        return loss * factor

    def _leave_out(self, mode: str, rows: int, real: int) -> None:
        """Take the filling out of the means that TRL has just noted; it added nothing to them but its number."""
        for name in DECIDED if 0 < real < rows else ():
            self._metrics[mode][name][-1] *= rows / real  # type: ignore[attr-defined]


def _pairs(batch: Any) -> tuple[int, int]:
    """How many preferences TRL's batch holds, chosen answers before rejected ones; and how many of two different answers."""
    differ = [
        chosen != rejected for chosen, rejected in (batch[name].chunk(2) for name in ("input_ids", "completion_mask"))
    ]
    return len(differ[0]), int((differ[0] | differ[1]).any(1).sum())
