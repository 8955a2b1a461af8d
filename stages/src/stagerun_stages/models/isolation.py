"""Proves that packed conversations do not see each other.

Some architectures build their attention masks without the positions that mark where a packed conversation begins (GPT-OSS in
transformers 5.23 with eager attention); the loss looks healthy and the model learns from its neighbours. The measure: how far
a packed text's next-token distributions move from those of the text alone, as a share of how far they move when the two
texts are simply joined.
"""

from __future__ import annotations

from typing import Any

from stagerun_stages.models.parity import divergence, token_rows

LIMIT = 0.01


def leak(model: Any, tokenizer: Any) -> float:
    """0 for perfect isolation, about 1 when packing does not separate at all."""
    first, second = token_rows(tokenizer)[:2]
    alone = _answers(model, second, None, len(second))
    resets = [*range(len(first)), *range(len(second))]
    packed = _answers(model, first + second, resets, len(second))
    joined = _answers(model, first + second, None, len(second))
    return abs(divergence(alone, packed)) / divergence(alone, joined)


def _answers(model: Any, tokens: list[int], positions: list[int] | None, last: int) -> list[Any]:
    """Log-probabilities of the last tokens, in the form that `divergence` takes."""
    import torch

    where = None if positions is None else torch.tensor([positions], device=model.device)
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        out = model(input_ids=torch.tensor([tokens], device=model.device), position_ids=where, use_cache=False)
    model.train(was_training)
    return [torch.log_softmax(out.logits[0, -last:].double(), -1).cpu()]
