"""Proves that the length limit takes little: how many rows lost part or all of what is learned from them.

A cut is silent in every library: an answer without its end, a preference whose two answers became the same, a question too
long to be asked. What such a cut means for a row is counted where rows are read; here it is told, recorded and limited.
"""

from __future__ import annotations

from attrs import define

from stagerun import Ctx, StageError


@define
class Kept:
    """Rows that were `read`; of these some were `cut` short and some `dropped`, since nothing to learn was left of them."""

    read: int = 0
    cut: int = 0
    dropped: int = 0

    @property
    def share(self) -> float:
        """The share of rows that lost something."""
        return (self.cut + self.dropped) / self.read if self.read else 0.0


def prove_kept(ctx: Ctx, kept: Kept, limit: float, lost: str) -> None:
    """Record metrics and proof; raises StageError when more than `limit` of the rows lost something.

    `lost` says what was lost, with `{cut}` and `{dropped}` in place of the numbers.
    """
    told = f"{lost.format(cut=kept.cut, dropped=kept.dropped)}, out of {kept.read} rows ({kept.share:.1%})"
    ctx.result(rows_cut=kept.cut + kept.dropped, share_cut=kept.share)
    if kept.share > limit:
        raise StageError(f"{told}; max_cut is {limit:g}", "raise the length, or max_cut if the loss is meant")
    if kept.share:
        ctx.warn(told)
    ctx.prove("truncation", True, rows=kept.read, cut=kept.cut, dropped=kept.dropped, share=kept.share, limit=limit)
