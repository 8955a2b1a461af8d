"""Sizes of a model from its configuration alone: no weights, no torch, so that a plan can say what a stage needs.

Covered: GPT-OSS and the dense decoders of the Llama family (Llama, Mistral, Qwen, SmolLM). Others, and
configurations that leave their sizes to defaults, give None, not a guess.
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
from stagerun_stages.models.known import KNOWN

Config = Mapping[str, Any]

SIZES = ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers", "vocab_size")
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
    head: int  # numbers of one head
    keys: int  # numbers of all heads of keys; of values as many
    inner: int  # numbers inside the feed-forward part, or inside one expert
    chosen: int  # experts that answer for each token; 0 in a dense model
    vocabulary: int
    attention: tuple[Linear, ...]
    mlp: tuple[Linear, ...]
    experts: tuple[Linear, ...]
    small: int  # norms, routers, sinks of one layer
    tied: bool
    window: int = 0  # tokens that a sliding layer looks back; 0 where no layer slides
    sliding: int = 0  # layers that look back no further

    @property
    def queries(self) -> int:
        """Numbers of all heads of queries."""
        return self.heads * self.head

    @property
    def expert_parameters(self) -> int:
        """The experts' weights of one layer, without biases."""
        return sum(one.experts * one.inside * one.outside for one in self.experts)

    @property
    def parameters(self) -> int:
        """The whole model."""
        layer = sum(linear.parameters for linear in (*self.attention, *self.mlp, *self.experts)) + self.small
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return self.layers * layer + embeddings + self.hidden


def shape_of(config: Config) -> Shape | None:
    """The shape of an architecture that is known here."""
    kind = config.get("model_type")
    if (kind != "gpt_oss" and kind not in DENSE) or any(name not in config for name in SIZES):
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
    window, sliding = _sliding(config)
    return Shape(
        model_type=str(kind),
        layers=int(config["num_hidden_layers"]),
        hidden=hidden,
        heads=heads,
        head=head,
        keys=keys,
        inner=int(config["intermediate_size"]),
        chosen=int(config.get("num_experts_per_tok", 4)) if experts else 0,
        vocabulary=int(config["vocab_size"]),
        attention=attention,
        mlp=mlp,
        experts=experts,
        small=small,
        tied=bool(config.get("tie_word_embeddings", False)),
        window=window,
        sliding=sliding,
    )


def _sliding(config: Config) -> tuple[int, int]:
    """The window and how many layers have it: of GPT-OSS every second one, of others all or none."""
    layers, gpt_oss = int(config["num_hidden_layers"]), config["model_type"] == "gpt_oss"
    window = int(config.get("sliding_window") or (128 if gpt_oss else 0))
    if not window or not config.get("use_sliding_window", config["model_type"] in ("gpt_oss", "mistral")):
        return 0, 0
    kinds = config.get("layer_types")
    if kinds:
        return window, sum(kind == "sliding_attention" for kind in kinds)
    return window, (layers + 1) // 2 if gpt_oss else layers


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
