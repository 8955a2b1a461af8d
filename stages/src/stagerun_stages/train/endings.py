"""Sees answers end while a batch of them is still being generated.

transformers asks its stopping criteria after every token; ours never stops anything, it only looks. TRL 1.16 gives no way to
pass one to `generate`, so for the time of a generation the model's own method is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

Ended = Callable[[int, list[int]], None]  # place in the batch, the answer's tokens with the one that ended it


class Watcher(StoppingCriteria):
    """Tells each answer of a batch once, as soon as it has a token that ends it. `width` is the padded prompt's length."""

    def __init__(self, width: int, stops: Sequence[int], ended: Ended) -> None:
        self.width, self.stops, self.ended = width, stops, ended
        self.told: set[int] = set()

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ARG002 - transformers' signature
        last = input_ids[:, -1]
        over = torch.isin(last, torch.tensor(self.stops, device=last.device)).tolist()
        for place, is_over in enumerate(over):
            if is_over and place not in self.told:
                self.told.add(place)
                self.ended(place, input_ids[place, self.width :].tolist())
        return torch.zeros_like(last, dtype=torch.bool)


@contextmanager
def watching(model: Any, stops: Sequence[int], ended: Ended) -> Iterator[None]:
    """Within the block, `ended` is told of every answer that ends in `model.generate`."""
    own = model.generate

    def generate(*args: Any, **kwargs: Any) -> Any:
        given = kwargs.get("input_ids")
        if given is None:
            return own(*args, **kwargs)
        watcher = Watcher(given.shape[1], stops, ended)
        return partial(own, *args, stopping_criteria=StoppingCriteriaList([watcher]))(**kwargs)

    model.generate = generate
    try:
        yield
    finally:
        del model.generate  # the instance's; the class's own is found again
