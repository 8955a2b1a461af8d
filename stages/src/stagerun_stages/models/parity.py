"""Compares what models answer, as a divergence of their next-token distributions on a few fixed texts.

A largest difference of logits says little in bfloat16; the divergence between adapter and merged model, as a share of what the
adapter itself changes, does. Mean over tokens of KL(p || q), in nats, computed in float64.
"""

from __future__ import annotations

from typing import Any

TEXTS = (
    "Show lines 4 to 9 of src/main.py and tell me what the loop does.",
    '{"name": "read_file", "arguments": {"path": "README.md", "limit": 20}}',
    "def add(a: int, b: int) -> int:\n    return a + b\n",
    "The quick brown fox jumps over the lazy dog. 0123456789",
)


def token_rows(tokenizer: Any) -> list[list[int]]:
    """The fixed texts as tokens."""
    return [list(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in TEXTS]


def log_probabilities(model: Any, rows: list[list[int]]) -> list[Any]:
    """Next-token log-probabilities of each row, (tokens, vocabulary) in float64 on the CPU."""
    import torch

    was_training = model.training
    model.eval()
    with torch.inference_mode():
        found = [
            torch.log_softmax(model(input_ids=torch.tensor([row], device=model.device)).logits[0].double(), -1).cpu()
            for row in rows
        ]
    model.train(was_training)
    return found


def divergence(first: list[Any], second: list[Any]) -> float:
    """Mean over tokens of KL(first || second), in nats."""
    each = [(p.exp() * (p - q)).sum(-1) for p, q in zip(first, second, strict=True)]
    return float(sum(float(part.sum()) for part in each) / sum(len(part) for part in each))
