"""Packed documents do not see each other, in every architecture we train; where they would, it is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from attrs import evolve

from stagerun import StageError
from stagerun_stages.models.isolation import EXACT, Isolation, measure, prove_isolation
from stagerun_stages.models.packed_masks import keep_apart

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
EXPERTS = {"num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
DENSE = ["llama", "mistral", "ministral", "qwen2", "qwen3", "gemma3_text", "phi3", "smollm3", "granite", "olmo3"]
MIXED = ["gpt_oss", "mixtral", "qwen3_moe", "glm4_moe"]
WINDOWED = ["mistral", "ministral", "gemma3_text", "olmo3", "gpt_oss"]


@pytest.fixture
def build(tokenizer: Any) -> Callable[..., Any]:
    """`build("llama", "eager")`: a random model of the architecture."""

    def make(kind: str, attention: str, dtype: torch.dtype = torch.float32) -> Any:
        from transformers import AutoConfig, AutoModelForCausalLM
        from transformers.utils import logging

        logging.set_verbosity_error()
        torch.set_num_threads(1)
        torch.manual_seed(0)
        more = {**(EXPERTS if kind in MIXED else {}), **({"sliding_window": 8} if kind in WINDOWED else {})}
        config = AutoConfig.for_model(kind, vocab_size=len(tokenizer), **SMALL, **more)
        return AutoModelForCausalLM.from_config(config, attn_implementation=attention, dtype=dtype)

    return make


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("kind", [*DENSE, *MIXED])
def test_both_documents_are_what_they_are_alone(kind: str, attention: str, build: Any, tokenizer: Any) -> None:
    if (kind, attention) == ("gpt_oss", "sdpa"):
        pytest.skip("the sinks of GPT-OSS have no sdpa kernel")
    model = build(kind, attention)
    keep_apart(model)
    found = measure(model, tokenizer)
    assert max(found.first, found.second) <= EXACT
    assert found.holds


def test_gpt_oss_as_it_is_leaks_and_is_found(build: Any, tokenizer: Any) -> None:
    found = measure(build("gpt_oss", "eager"), tokenizer)
    assert found.first <= EXACT
    assert found.second > 0.1
    assert found.leak > 0.5
    assert not found.holds


def test_a_model_in_which_documents_see_each_other_is_refused(build: Any, tokenizer: Any) -> None:
    with pytest.raises(StageError, match=r"packed conversations see each other in gpt_oss .* set packing = false"):
        prove_isolation(None, build("gpt_oss", "eager"), tokenizer)  # type: ignore[arg-type]


def test_a_model_that_carries_a_state_over_is_refused_in_one_line(build: Any, tokenizer: Any) -> None:
    with pytest.raises(StageError, match=r"qwen3_next cannot train on packed rows here: .* set packing = false"):
        prove_isolation(None, build("qwen3_next", "eager"), tokenizer)  # type: ignore[arg-type]


def test_half_precision_is_judged_by_the_divergence(build: Any, tokenizer: Any) -> None:
    model = build("gpt_oss", "eager", torch.bfloat16)
    assert not measure(model, tokenizer).holds
    keep_apart(model)
    found = measure(model, tokenizer)
    assert (found.dtype, found.holds) == ("bfloat16", True)


def test_a_small_leak_is_no_rounding() -> None:
    exact = Isolation(first=2e-7, second=9e-7, leak=1e-12, dtype="float32")
    assert exact.holds
    assert not evolve(exact, second=2e-6).holds
    assert evolve(exact, first=1e-6, second=2e-6).holds  # a deep model's rounding
    assert not evolve(exact, leak=0.02).holds


def test_what_has_a_mask_or_a_cache_is_left_alone(build: Any) -> None:
    model = build("gpt_oss", "eager").eval()
    ids = torch.randint(3, 200, (2, 30))
    mask = torch.ones_like(ids)
    mask[0, :7] = 0
    padded = {"input_ids": ids, "attention_mask": mask}
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    before = (
        model(**padded, position_ids=positions).logits,
        model.generate(**padded, max_new_tokens=5, do_sample=False),
    )
    keep_apart(model)
    assert torch.equal(model(**padded, position_ids=positions).logits, before[0])
    assert torch.equal(model.generate(**padded, max_new_tokens=5, do_sample=False), before[1])


def test_an_unpacked_row_is_the_same_with_and_without_the_masks(build: Any) -> None:
    model = build("gpt_oss", "eager").eval()
    ids = torch.randint(3, 200, (1, 30))
    before = model(input_ids=ids, use_cache=False).logits
    keep_apart(model)
    after = model(input_ids=ids, position_ids=torch.arange(30)[None], use_cache=False).logits
    assert torch.equal(before, after)
