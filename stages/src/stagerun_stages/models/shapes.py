"""Sizes of a model from its configuration alone: no weights, no torch, so that a plan can say what a stage needs.

Covered: GPT-OSS and the dense decoders of the Llama family (Llama, Mistral, Qwen, SmolLM). Others give None, not a guess.
Checked against the models themselves, built on torch's meta device, in tests/stages/models/test_shapes.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun import Artifact

Config = Mapping[str, Any]

# Published config.json of models that a plan meets before anything was downloaded; only what decides their size.
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
}
KNOWN: Mapping[str, Config] = {
    "openai/gpt-oss-20b": {**GPT_OSS, "num_hidden_layers": 24, "num_local_experts": 32},
    "openai/gpt-oss-120b": {**GPT_OSS, "num_hidden_layers": 36, "num_local_experts": 128},
}
DENSE = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})


@frozen
class Linear:
    """A weight matrix, or a stack of one for each expert: `inside` x `outside`, with or without a bias."""

    name: str
    inside: int
    outside: int
    experts: int = 1
    bias: bool = False

    @property
    def parameters(self) -> int:
        return self.experts * (self.inside * self.outside + (self.outside if self.bias else 0))

    def lora(self, rank: int) -> int:
        """Parameters of a LoRA pair on it: A is rank x inside, B outside x rank, for each expert."""
        return self.experts * rank * (self.inside + self.outside)


@frozen
class Shape:
    """What decides a model's size. Counts are of parameters, widths of numbers to a token."""

    model_type: str
    layers: int
    hidden: int
    heads: int
    vocabulary: int
    attention: tuple[Linear, ...]
    mlp: tuple[Linear, ...]
    experts: tuple[Linear, ...]
    small: int  # norms, routers, sinks of one layer
    tied: bool

    @property
    def parameters(self) -> int:
        """The whole model."""
        layer = sum(linear.parameters for linear in (*self.attention, *self.mlp, *self.experts)) + self.small
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return self.layers * layer + embeddings + self.hidden


def shape_of(config: Config) -> Shape | None:
    """The shape of an architecture that is known here."""
    kind = config.get("model_type")
    if kind != "gpt_oss" and kind not in DENSE:
        return None
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    head = int(config.get("head_dim") or hidden // heads)
    keys = int(config.get("num_key_value_heads") or heads) * head
    biased = bool(config.get("attention_bias", kind in ("gpt_oss", "qwen2")))
    attention = (
        Linear("q_proj", hidden, heads * head, bias=biased),
        Linear("k_proj", hidden, keys, bias=biased),
        Linear("v_proj", hidden, keys, bias=biased),
        Linear("o_proj", heads * head, hidden, bias=biased and kind != "qwen2"),
    )
    mlp, experts, small = _feed_forward(config, hidden, heads, head)
    return Shape(
        model_type=str(kind),
        layers=int(config["num_hidden_layers"]),
        hidden=hidden,
        heads=heads,
        vocabulary=int(config["vocab_size"]),
        attention=attention,
        mlp=mlp,
        experts=experts,
        small=small,
        tied=bool(config.get("tie_word_embeddings", False)),
    )


def _feed_forward(
    config: Config, hidden: int, heads: int, head: int
) -> tuple[tuple[Linear, ...], tuple[Linear, ...], int]:
    inner, norms = int(config["intermediate_size"]), 2 * hidden
    if config["model_type"] == "gpt_oss":
        count = int(config["num_local_experts"])
        router, sinks = hidden * count + count, heads
        fused = (
            Linear("gate_up_proj", hidden, 2 * inner, experts=count, bias=True),
            Linear("down_proj", inner, hidden, experts=count, bias=True),
        )
        return (), fused, norms + router + sinks
    dense = tuple(Linear(name, hidden, inner) for name in ("gate_proj", "up_proj"))
    extra = 2 * head if config["model_type"] == "qwen3" else 0
    return (*dense, Linear("down_proj", inner, hidden)), (), norms + extra


def config_of(origin: Any) -> Config | None:
    """The configuration of a model a plan starts from: beside its weights, in the hub's cache, among the known, or the
    `architecture()` of the stage that makes it."""
    if hasattr(origin, "architecture"):
        found: Config = origin.architecture()
        return found
    if not isinstance(origin, Artifact):
        return None
    name = origin.source.partition("@")[0]
    for path in _places(origin, name):
        with suppress(OSError, ValueError):
            value = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(value, dict):
                return value
    return KNOWN.get(name)


def _places(origin: Artifact, name: str) -> Iterator[Path]:
    if origin.path is not None:
        yield origin.path / "config.json"
        return
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    yield from sorted((cache / f"models--{name.replace('/', '--')}" / "snapshots").glob("*/config.json"))
