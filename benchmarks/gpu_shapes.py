"""The models that are measured on a GPU, from their configurations alone with random weights, and what a step of them computes.

Not covered: how they are trained, see gpu_contenders.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

# The largest dense products of a chip in bfloat16 without sparsity, in floating-point operations a second; FP8 has twice that.
# Makers' data sheets: NVIDIA H100 SXM and H200 989e12, A100 312e12, L40S 362e12.
PEAKS = {"H100": 989e12, "H200": 989e12, "GH200": 989e12, "A100": 312e12, "L40S": 362e12}
QWEN = {  # Qwen2.5-7B's published config.json
    "model_type": "qwen2",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "max_position_embeddings": 32768,
    "rope_theta": 1000000.0,
    "tie_word_embeddings": False,
}
GPT_OSS = {  # gpt-oss-20b's published config.json
    "model_type": "gpt_oss",
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "num_hidden_layers": 24,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "num_local_experts": 32,
    "num_experts_per_tok": 4,
    "vocab_size": 201088,
    "sliding_window": 128,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
}
TINY = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 512}


@frozen
class Shape:
    """A model and how it is trained: rows of `length` tokens, `batch` at once; adapters of `rank`, on experts too if said."""

    name: str
    config: dict[str, Any]
    length: int
    batch: int
    rank: int
    experts: bool = False
    checkpointing: bool = False

    def tiny(self) -> Shape:
        """The same in sizes for a CPU and a minute."""
        small = {**self.config, **TINY, "num_key_value_heads": 2, "head_dim": 16}
        if self.experts:
            small |= {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 16}
        return evolve(self, config=small, length=64, batch=2, rank=4)

    def architecture(self) -> dict[str, Any]:
        """Asked by the memory estimate, as of the stage that makes a model."""
        return self.config

    def write(self, folder: Path) -> None:
        """What a stage needs to find of a model: its configuration and a tokenizer (that of `model.tiny`)."""
        from stagerun_stages.tiny.tokenizer import build_tokenizer

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config), encoding="utf-8")
        build_tokenizer().save_pretrained(str(folder))

    def build(self, device: str, dtype: Any, attention: str) -> Any:
        """The model with random weights, made on the device; the same every time."""
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM

        config = AutoConfig.for_model(
            **{key: value for key, value in self.config.items() if key != "model_type"}, **self._type()
        )
        torch.manual_seed(0)
        with torch.device(device):
            return AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation=attention)

    def _type(self) -> dict[str, str]:
        return {"model_type": str(self.config["model_type"])}


DENSE = Shape("7B dense (Qwen2.5-7B)", QWEN, length=2048, batch=4, rank=16)
EXPERTS = Shape("20B experts (GPT-OSS-20B)", GPT_OSS, length=4096, batch=1, rank=16, experts=True, checkpointing=True)


def flops_per_token(model: Any, shape: Shape) -> float:
    """Floating-point operations that a LoRA step needs for a token; recomputation is not counted.

    Chowdhery et al. 2022 (PaLM), appendix B, count 6 N + 12 L H Q T: 2 N forward, 4 N backward, and attention over T tokens. A
    causal row sees half of T on average. Frozen weights have no gradient of their own, so that 4 N is left of 6 N for them, as
    NVIDIA's NeMo counts too (423 TFLOP/s at 14,110 tokens/s for Qwen2.5-7B). Of experts only the chosen ones count. The
    embedding is looked up, not multiplied.
    """
    frozen_, trained = 0.0, 0.0
    share = shape.config.get("num_experts_per_tok", 1) / shape.config.get("num_local_experts", 1)
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2 or "embed_tokens" in name:
            continue
        count = parameter.numel() * (share if ".experts." in name else 1)
        trained, frozen_ = (trained + count, frozen_) if parameter.requires_grad else (trained, frozen_ + count)
    heads, head = shape.config["num_attention_heads"], shape.config.get("head_dim")
    width = heads * (head or shape.config["hidden_size"] // heads)
    attention = 12 * shape.config["num_hidden_layers"] * width * shape.length / 2
    return float(4 * frozen_ + 6 * trained + attention)


def peak_of(device: str) -> float | None:
    """The chip's peak in bfloat16; None for one that is not in the table."""
    return next((peak for name, peak in PEAKS.items() if name in device), None)
