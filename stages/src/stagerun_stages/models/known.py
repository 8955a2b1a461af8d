"""What the published config.json of some models says about their size, for plans made before anything was downloaded.

Only what decides sizes is kept. The counts of parameters that follow from these numbers are the published ones, to the last
digit (tests/stages/models/test_shapes.py). Not covered: any other model, which is read from its folder or the hub's cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GPT_OSS = {
    "model_type": "gpt_oss",
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "vocab_size": 201088,
    "attention_bias": True,
    "num_experts_per_tok": 4,
    "sliding_window": 128,
}


def _dense(
    kind: str, vocabulary: int, widths: tuple[int, int, int], heads: tuple[int, int, int], tied: bool
) -> Mapping[str, Any]:
    """Widths: hidden, feed-forward, layers; heads: of queries, of keys and values, and how wide each is."""
    return {
        "model_type": kind,
        "vocab_size": vocabulary,
        **dict(zip(("hidden_size", "intermediate_size", "num_hidden_layers"), widths, strict=True)),
        **dict(zip(("num_attention_heads", "num_key_value_heads", "head_dim"), heads, strict=True)),
        "tie_word_embeddings": tied,
    }


DENSE: Mapping[str, Mapping[str, Any]] = {
    "Qwen/Qwen2.5-0.5B": _dense("qwen2", 151936, (896, 4864, 24), (14, 2, 64), True),
    "Qwen/Qwen2.5-1.5B": _dense("qwen2", 151936, (1536, 8960, 28), (12, 2, 128), True),
    "Qwen/Qwen2.5-3B": _dense("qwen2", 151936, (2048, 11008, 36), (16, 2, 128), True),
    "Qwen/Qwen2.5-7B": _dense("qwen2", 152064, (3584, 18944, 28), (28, 4, 128), False),
    "Qwen/Qwen2.5-14B": _dense("qwen2", 152064, (5120, 13824, 48), (40, 8, 128), False),
    "Qwen/Qwen3-0.6B": _dense("qwen3", 151936, (1024, 3072, 28), (16, 8, 128), True),
    "Qwen/Qwen3-1.7B": _dense("qwen3", 151936, (2048, 6144, 28), (16, 8, 128), True),
    "Qwen/Qwen3-4B": _dense("qwen3", 151936, (2560, 9728, 36), (32, 8, 128), True),
    "Qwen/Qwen3-8B": _dense("qwen3", 151936, (4096, 12288, 36), (32, 8, 128), False),
    "meta-llama/Llama-3.1-8B": _dense("llama", 128256, (4096, 14336, 32), (32, 8, 128), False),
    "meta-llama/Llama-3.2-1B": _dense("llama", 128256, (2048, 8192, 16), (32, 8, 64), True),
    "meta-llama/Llama-3.2-3B": _dense("llama", 128256, (3072, 8192, 28), (24, 8, 128), True),
    "mistralai/Mistral-7B-v0.3": _dense("mistral", 32768, (4096, 14336, 32), (32, 8, 128), False),
}
INSTRUCT = {  # the same in size under another name
    **{f"{name}-Instruct": config for name, config in DENSE.items() if name.startswith(("Qwen/Qwen2.5", "meta-llama"))},
    "mistralai/Mistral-7B-Instruct-v0.3": DENSE["mistralai/Mistral-7B-v0.3"],
}
KNOWN: Mapping[str, Mapping[str, Any]] = {
    "openai/gpt-oss-20b": {**GPT_OSS, "num_hidden_layers": 24, "num_local_experts": 32},
    "openai/gpt-oss-120b": {**GPT_OSS, "num_hidden_layers": 36, "num_local_experts": 128},
    **DENSE,
    **INSTRUCT,
}
