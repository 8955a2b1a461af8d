"""Greedy answers by an MLX model, in batches padded on the left: what answers.py in train/ does with torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from stagerun_stages.train.answers import in_batches


def answer(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    *,
    stops: Sequence[int],
    longest: int,
    batch: int,
    before_each: Callable[[], None],
) -> list[list[int]]:
    """The tokens the model answers to each prompt, up to and with its stop token; at most `longest` tokens each.

    `before_each` is called before each batch and may raise to leave early.
    """
    pad = tokenizer.pad_token_id
    return in_batches(
        model, prompts, lambda some: generate(model, pad, some, stops, longest), batch=batch, before_each=before_each
    )


def generate(
    model: Any, pad: int, prompts: Sequence[Sequence[int]], stops: Sequence[int], longest: int
) -> list[list[int]]:
    """The likeliest tokens after each of a batch of prompts."""
    import mlx.core as mx
    from mlx_lm.models.cache import BatchKVCache

    width = max(len(prompt) for prompt in prompts)
    padding = [width - len(prompt) for prompt in prompts]
    cache = [BatchKVCache(padding) for _ in model.layers]
    given = mx.array([[pad] * short + list(prompt) for short, prompt in zip(padding, prompts, strict=True)])
    answers: list[list[int]] = [[] for _ in prompts]
    for _ in range(longest):
        given = mx.argmax(model(given, cache=cache)[:, -1], axis=-1)[:, None]
        found: Any = given.tolist()
        for tokens, [token] in zip(answers, found, strict=True):
            if not tokens or tokens[-1] not in stops:
                tokens.append(token)
        if all(tokens[-1] in stops for tokens in answers):
            break
    return answers
