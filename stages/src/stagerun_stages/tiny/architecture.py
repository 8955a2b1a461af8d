"""The forms of the small base model as configurations, known before the model is made.

Three: a mixture of experts in the shape of GPT-OSS, and the dense decoders Qwen 2 and Llama. In a dense one every head is 32
wide, as in the mixture: heads of 24 were found to copy worse (docs/benchmarks/tiny.md).
"""

from __future__ import annotations

from typing import Any, Literal

ModelType = Literal["gpt_oss", "qwen2", "llama"]

VOCABULARY = 598  # tokens of build_tokenizer(), which takes no options; held to it by a test
HEAD = 32  # width of a head
PAIR = 2 * HEAD  # a dense model's width is a multiple: two heads share their keys and values


def architecture(model_type: ModelType, hidden_size: int, layers: int, experts: int) -> dict[str, Any]:
    """What decides the model's size, in the words of transformers' configurations; `experts` only where there are any."""
    common = {"vocab_size": VOCABULARY, "hidden_size": hidden_size, "num_hidden_layers": layers}
    if model_type == "gpt_oss":
        return {**common, **_mixture(hidden_size, experts)}
    return {**common, **_dense(hidden_size)}


def _mixture(hidden_size: int, experts: int) -> dict[str, Any]:
    return {
        "intermediate_size": hidden_size,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": HEAD,
        "num_local_experts": experts,
        "num_experts_per_tok": 2,
    }


def _dense(hidden_size: int) -> dict[str, Any]:
    heads = hidden_size // HEAD
    return {"intermediate_size": 2 * hidden_size, "num_attention_heads": heads, "num_key_value_heads": heads // 2}
