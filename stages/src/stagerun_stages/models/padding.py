"""Proves that padding on the left changes nothing: questions of different lengths are answered together in that way.

Kernels for fast generation have taken the padding for text or counted positions from it; the answers look sound and are wrong.
The next token after a text is asked alone, padded beside a longer text, and padded with the mask left out. The
second must agree with the first; how far the third is off says what agreement is worth.
"""

from __future__ import annotations

from typing import Any

from stagerun import Ctx
from stagerun_stages.models.parity import divergence, token_rows

LIMIT = 0.01  # of what leaving the mask out would do


def prove_left_padding(ctx: Ctx, model: Any, tokenizer: Any) -> None:
    """Measure; raises StageError when padding changes what the model says."""
    share = measure(model, tokenizer)
    ctx.prove("left padding", share <= LIMIT, share=share, limit=LIMIT)


def measure(model: Any, tokenizer: Any) -> float:
    """The divergence that padding makes, as a share of what it would make without its mask."""
    short, long = sorted(token_rows(tokenizer)[:2], key=len)
    width, pad = len(long) + len(short), tokenizer.pad_token_id
    rows = [[pad] * (width - len(row)) + row for row in (short, long)]
    masks = [[0] * (width - len(row)) + [1] * len(row) for row in (short, long)]
    alone = _next(model, [short], [[1] * len(short)], pad)
    padded = _next(model, rows, masks, pad)
    blind = _next(model, rows, [[1] * width] * 2, pad)
    return abs(divergence(alone, padded)) / abs(divergence(alone, blind))


def _next(model: Any, rows: list[list[int]], masks: list[list[int]], pad: int) -> list[Any]:
    """The log-probabilities of the next token of the first row, by the way that answers are generated."""
    import torch

    was_training = model.training
    model.eval()
    with torch.inference_mode():
        out = model.generate(
            input_ids=torch.tensor(rows, device=model.device),
            attention_mask=torch.tensor(masks, device=model.device),
            max_new_tokens=1,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=pad,
            output_logits=True,
            return_dict_in_generate=True,
        )
    model.train(was_training)
    return [torch.log_softmax(out.logits[0][:1].double(), -1).cpu()]
