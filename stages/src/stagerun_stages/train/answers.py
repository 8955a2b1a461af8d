"""Generates answers in batches of similar length, padded on the left: greedily, or sampled from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


def answer(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    *,
    longest: int,
    batch: int,
    before_each: Callable[[], None],
) -> list[list[int]]:
    """The tokens the model answers to each prompt, up to and with its stop token; at most `longest` tokens each.

    `before_each` is called before each batch and may raise to leave early.
    """
    import torch

    with torch.inference_mode():
        return in_batches(
            model, prompts, lambda some: generate(model, tokenizer, some, longest), batch=batch, before_each=before_each
        )


def in_batches(
    model: Any,
    prompts: Sequence[Sequence[int]],
    generate: Callable[[Sequence[Sequence[int]]], list[list[int]]],
    *,
    batch: int,
    before_each: Callable[[], None],
) -> list[list[int]]:
    """What `generate` answers to each prompt, of a model of either library, which is left as it was: training or not."""
    was_training = model.training
    model.eval()
    answers: list[list[int]] = [[] for _ in prompts]
    for indices in batches(prompts, batch):
        before_each()
        found = generate([prompts[index] for index in indices])
        for index, tokens in zip(indices, found, strict=True):
            answers[index] = tokens
    model.train(was_training)
    return answers


def batches(prompts: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """Indices of prompts in batches, longest first, so that running out of memory shows at once."""
    order = sorted(range(len(prompts)), key=lambda index: (-len(prompts[index]), index))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    longest: int,
    sampling: Mapping[str, float] | None = None,
) -> list[list[int]]:
    """The tokens answered to each of a batch of prompts. `sampling` is temperature and top_p; without it the likeliest tokens."""
    import torch

    how: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    if sampling is not None:
        how = {"do_sample": True, "top_k": 0, **sampling}
    width = max(len(prompt) for prompt in prompts)
    pad = tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    out = model.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=longest,
        **how,
        pad_token_id=pad,
    )
    stops = set(model.generation_config.eos_token_id)
    return [_until(row, stops) for row in out[:, width:].tolist()]


def _until(tokens: list[int], stops: set[int]) -> list[int]:
    for position, token in enumerate(tokens):
        if token in stops:
            return tokens[: position + 1]
    return tokens
