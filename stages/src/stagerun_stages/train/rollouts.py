"""Answers that several steps are trained on, as a checkpoint keeps them: how other processes, in other pieces, go on with them.

A process holds its answers in pieces, one for each micro step; those of all processes for the micro steps of one batch are the
answers of that batch, and stay so. Not covered: where answers come from, see grpo_trainer.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from trl.trainer.utils import split_tensor_dict

from stagerun import StageError

Piece = Mapping[str, Any]  # TRL's tensors by name, of as many answers each; a tensor without rows is for all of them
LEFT = frozenset({"prompt_ids", "prompt_mask"})  # filled up on the left; everything else on the right
IDS = frozenset({"prompt_ids", "completion_ids"})


def copied(piece: Piece) -> dict[str, Any]:
    """A piece on the CPU, cut out of the tensors of all answers: another process would get those whole."""
    return {name: value.cpu().clone() if torch.is_tensor(value) else value for name, value in piece.items()}


def dealt(
    parts: Sequence[Sequence[Piece]], before: int, divided: int, processes: int, padding: int
) -> list[list[Piece]]:
    """The pieces of each process, from those that other processes had.

    `parts` are the pieces by process; of them `before` make up a process's share of a batch, and shall be `divided`. `padding` is
    the token that fills up. Raises StageError for pieces that make up no whole batches.
    """
    if len(parts) == processes and before == divided:
        return [list(part) for part in parts]
    if len(parts[0]) % before:
        what = f"the checkpoint holds answers for {len(parts[0])} pieces of batches of {before}"
        raise StageError(what, "set launch.processes and micro_batch as they were until the next generation")
    found: list[list[Piece]] = [[] for _ in range(processes)]
    for pieces in _batches(parts, before):
        for at, piece in enumerate(split_tensor_dict(joined(pieces, padding), divided * processes)):
            found[at % processes].append(piece)
    return found


def _batches(parts: Sequence[Sequence[Piece]], before: int) -> Iterator[list[Piece]]:
    for start in range(0, len(parts[0]), before):
        yield [part[at] for at in range(start, start + before) for part in parts]


def joined(pieces: Sequence[Piece], padding: int) -> dict[str, Any]:
    """The answers of several pieces in one, filled up to the same length."""
    return {name: _joined(name, [piece[name] for piece in pieces], padding) for name in pieces[0]}


def _joined(name: str, tensors: Sequence[Any], padding: int) -> Any:
    if tensors[0] is None or not tensors[0].ndim:
        return tensors[0]
    if tensors[0].ndim == 1:
        return torch.cat(list(tensors))
    longest, fill = max(each.shape[1] for each in tensors), padding if name in IDS else 0
    return torch.cat([_filled(each, longest - each.shape[1], fill, left=name in LEFT) for each in tensors])


def _filled(tensor: Any, more: int, fill: int, *, left: bool) -> Any:
    return torch.nn.functional.pad(tensor, (more, 0) if left else (0, more), value=fill)
