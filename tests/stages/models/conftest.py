"""Models that llama.cpp can read: it wants a tokenizer with merges, and rows that its block formats divide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def write_model(folder: Path, kind: str, seed: int, width: int = 96) -> None:
    """A random model of the kind with the small world's tokenizer; its answers are decided enough to be compared."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from stagerun_stages.tiny.architecture import architecture
    from stagerun_stages.tiny.base import new_model
    from stagerun_stages.tiny.tokenizer import build_tokenizer

    tokenizer = build_tokenizer()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    if kind == "gpt_oss":
        model = new_model(tokenizer, {"model_type": kind, **architecture("gpt_oss", width, 2, 4)})
    else:
        sizes = {
            "hidden_size": width,
            "intermediate_size": width,
            "num_hidden_layers": 2,
            "head_dim": width // 4 // 2 * 2,
        }
        heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 1024}
        ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id, "bos_token_id": None}
        model = LlamaForCausalLM(
            LlamaConfig(vocab_size=len(tokenizer), initializer_range=0.1, **sizes, **heads, **ends)
        )
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


@pytest.fixture(scope="session")
def readable(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`readable("gpt_oss")` or `readable("llama", width=256)`: such a model as an artifact, made once for the session."""
    from stagerun.testing.stages import artifact

    made: dict[tuple[str, int, int], Any] = {}

    def give(kind: str, seed: int = 0, width: int = 96) -> Any:
        if (kind, seed, width) not in made:
            folder = tmp_path_factory.mktemp("readable") / f"{kind}_{seed}"
            write_model(folder, kind, seed, width)
            made[kind, seed, width] = artifact("model", folder)
        return made[kind, seed, width]

    return give


def write_adapter(folder: Path, base: Any, seed: int) -> None:
    """An adapter with random weights, large enough to change every answer."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from stagerun_stages.models import adapters
    from stagerun_stages.models.loading import quiet

    quiet()
    torch.manual_seed(seed)
    net = AutoModelForCausalLM.from_pretrained(str(base.path), attn_implementation="eager")
    net = get_peft_model(net, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "o_proj"]))
    for name, parameter in net.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    adapters.write_adapter(net, folder, base)


@pytest.fixture(scope="session")
def adapted(readable: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`adapted("llama")`: an adapter on `readable("llama")`, with its lineage; another seed is another adapter."""
    from stagerun.testing.stages import artifact

    made: dict[tuple[str, int], Any] = {}

    def give(kind: str, seed: int = 0) -> Any:
        if (kind, seed) not in made:
            folder, base = tmp_path_factory.mktemp("adapted") / f"{kind}_adapter", readable(kind)
            write_adapter(folder, base, seed)
            made[kind, seed] = artifact("adapter", folder, base)
        return made[kind, seed]

    return give
