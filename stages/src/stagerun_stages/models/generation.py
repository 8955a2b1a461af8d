"""What generating answers takes: keys and values of all tokens so far, and one layer at work.

There are two moments. At first all prompts pass through the model at once, or in chunks (`prefill_chunk_size`), and every layer
works on rows x prompt tokens; eager attention then holds scores of prompt x prompt for every head and row. At last the cache is
full: each layer keeps keys and values of all tokens, or of its window where it slides; one tensor of the cache is there twice,
since torch makes a longer copy, and eager attention writes keys and values out for every head. No gradients are kept. As
transformers 5.23 computes it with its dynamic cache. Not covered: vLLM, static and quantised caches, beams.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from stagerun_stages.models.shapes import Shape
from stagerun_stages.train.options import Lora

FLOAT = 4
SCORES = 4  # copies of the scores that are alive at once in the forward pass of eager attention
SAMPLING = 4  # float32 copies of the next token's logits while it is drawn


@frozen
class Asked:
    """`rows` prompts of `prompt` tokens, answered with `new` tokens; an adapter of experts is added up layer by layer."""

    rows: int
    prompt: int
    new: int
    width: int  # bytes of a number in the policy's dtype
    attention: str
    experts: Lora | None = None
    chunk: int = 0  # tokens of each prompt that are read at once; 0: all

    @property
    def total(self) -> int:
        """Tokens of a row at the end."""
        return self.prompt + self.new


def asking(what: str, shape: Shape, asked: Asked) -> Iterator[tuple[str, dict[str, float]]]:
    """The two moments, each with what it takes in bytes by part."""
    logits = float(asked.rows * shape.vocabulary * FLOAT * SAMPLING)
    added = shape.expert_parameters * asked.width if asked.experts else 0
    reading = {"KV cache": cache(shape, asked, asked.prompt), "activations": _reading(shape, asked) + added}
    yield f"reading the prompts of {what}", reading
    writing = {"KV cache": cache(shape, asked, asked.total), "activations": _writing(shape, asked) + added}
    yield f"writing {what}", {**writing, "logits": logits}


def cache(shape: Shape, asked: Asked, tokens: int) -> float:
    """Keys and values of so many tokens in every layer."""
    short = min(tokens, shape.window) if shape.sliding else 0
    seen = (shape.layers - shape.sliding) * tokens + shape.sliding * short
    return float(2 * asked.rows * seen * shape.keys * asked.width)


def _reading(shape: Shape, asked: Asked) -> float:
    """The widest moment of a layer that reads all prompts."""
    at_once = min(asked.chunk or asked.prompt, asked.prompt)
    tokens = asked.rows * at_once
    eager = asked.attention == "eager"
    scores = SCORES * shape.heads * asked.prompt + 2 * shape.queries if eager else 0
    attention = 2 * shape.hidden + 2 * shape.queries + 2 * shape.keys + scores
    inside = shape.chosen * (shape.hidden + 9 * shape.inner) if shape.experts else 4 * shape.inner
    masks = tokens * asked.prompt * asked.width * (2 if shape.sliding else 1) if eager else 0
    return float(tokens * asked.width * max(attention, 4 * shape.hidden + inside) + masks)


def _writing(shape: Shape, asked: Asked) -> float:
    """The copy of a layer's keys, and keys and values for every head where attention is eager."""
    each = asked.rows * asked.total * asked.width
    heads = 2 * shape.queries + SCORES * shape.heads if asked.attention == "eager" else 0
    return float(each * (shape.keys + heads))
