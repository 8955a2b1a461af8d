"""The form of the small base model as a configuration, known before the model is made."""

from __future__ import annotations

from typing import Any

VOCABULARY = 598  # tokens of build_tokenizer(), which takes no options; held to it by a test


def architecture(hidden_size: int, layers: int, experts: int) -> dict[str, Any]:
    """What decides the model's size, in the words of transformers' GptOssConfig."""
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": hidden_size,
        "intermediate_size": hidden_size,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "num_local_experts": experts,
        "num_experts_per_tok": 2,
    }
