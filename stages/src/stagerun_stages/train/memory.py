"""What follows when memory runs out: the same global batch in smaller pieces, down to one row at a time.

A batch of 8 rows becomes two of 4, then four of 2, then eight of 1; one of 6 becomes 3, then 1, since pieces must be equal. The
gradient is that of the same rows; SFT weighs each token and the preference losses each row as before, so the loss differs by
rounding alone. Dropout draws other masks in other pieces, and so does what is averaged piece by piece (GRPO's `bnpo`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from stagerun import StageError


@frozen
class Split:
    """How a global batch is taken: `micro` rows at once, `accumulation` times; `divided` says by how much less at once."""

    micro: int
    accumulation: int
    divided: int = 1


def split(batch: int, accumulation: int, failures: int) -> Split:
    """The pieces after so many times without enough memory; raises StageError when the last pieces were single rows."""
    sizes = list(_sizes(batch))
    if failures >= len(sizes):
        raise StageError(
            f"memory ran out with a micro batch of {sizes[-1]} row", "lower max_length, or set gradient_checkpointing"
        )
    divided = batch // sizes[failures]
    return Split(sizes[failures], accumulation * divided, divided)


def _sizes(batch: int) -> Iterator[int]:
    """The batch, then each time its greatest divisor that is at most half, down to 1."""
    while True:
        yield batch
        if batch == 1:
            return
        batch = next(size for size in range(batch // 2, 0, -1) if batch % size == 0)


def weights(rows: Sequence[int], divided: int) -> list[float]:
    """Factors that make a mean over pieces of so many rows what it was before each batch was `divided`.

    A trainer that averages the means of its batches gives each row of a short last batch more weight. Pieces must repeat
    that: piece p of batch b counts rows(p) / rows(b) / batches where the trainer would count 1 / pieces.
    """
    batches = [rows[at : at + divided] for at in range(0, len(rows), divided)]
    share = len(rows) / len(batches)
    return [piece / sum(batch) * share for batch in batches for piece in batch]


class SameMean:
    """Mixin for a trainer whose loss is a mean of means (`loss_is_scaled_for_ga = False`): a divided batch weighs as a whole."""

    divided: int = 1
    _factors: Iterator[float] = iter(())

    def get_batch_samples(self, *args: Any, **kwargs: Any) -> Any:
        """The pieces of a step; remembers what each weighs."""
        samples, items = super().get_batch_samples(*args, **kwargs)  # type: ignore[misc]
        if self.divided > 1:
            self._factors = iter(weights([len(piece["input_ids"]) for piece in samples], self.divided))
        return samples, items

    def compute_loss(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        """The trainer's loss, weighed while training."""
        loss = super().compute_loss(model, *args, **kwargs)  # type: ignore[misc]
        return loss * next(self._factors, 1.0) if self.divided > 1 and model.training else loss
