"""Tests that need an NVIDIA GPU: `pytest -m gpu tests/gpu`. Without one each is skipped, and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stagerun import Registry


@pytest.fixture(scope="session")
def cuda() -> Any:
    """The cuda backend, or a skip with the reason."""
    backend = Registry().find("backends", "cuda").value()
    if not backend.probe().available:
        pytest.skip(f"no NVIDIA GPU: {backend.probe().reason}")
    return backend


@pytest.fixture
def tiny(tmp_path) -> Callable[[str], Any]:
    """`tiny("llama")`: a random model of sizes that GPU kernels take, as an artifact."""
    from stagerun.testing.stages import artifact

    def make(kind: str) -> Any:
        from transformers import AutoConfig, AutoModelForCausalLM

        from stagerun_stages.tiny.tokenizer import build_tokenizer

        tokenizer = build_tokenizer()
        sizes = {"hidden_size": 256, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
        sizes |= {"num_key_value_heads": 2, "head_dim": 64, "vocab_size": 512, "max_position_embeddings": 65536}
        if kind == "gpt_oss":
            sizes |= {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 128}
        config = AutoConfig.for_model(kind, **sizes, eos_token_id=tokenizer.eos_token_id)
        AutoModelForCausalLM.from_config(config, attn_implementation="eager").save_pretrained(str(tmp_path / kind))
        tokenizer.save_pretrained(str(tmp_path / kind))
        return artifact("model", tmp_path / kind)

    return make


@pytest.fixture
def talks(tmp_path) -> Any:
    """Conversations of the small world, as a dataset artifact."""
    from random import Random

    from stagerun.testing import dataset
    from stagerun_stages.tiny.corpus import corpus_row

    chance = Random(0)
    return dataset(tmp_path / "train.jsonl", [corpus_row(chance) for _ in range(24)])
