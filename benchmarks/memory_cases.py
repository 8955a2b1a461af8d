"""Tiny trainings whose memory is estimated and measured: random models of each shape, rows that are as long as they may be.

Every row is filled to its last token, but one of a batch is a little shorter: rows are never all alike, and only then does
attention need a mask. Answers that GRPO generates are as long as allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchmarks.memory_peak import measured
from stagerun import Artifact, Estimate
from stagerun.testing import dataset, run_stage
from stagerun.testing.stages import artifact
from stagerun_backends.cpu import Cpu
from stagerun_stages.tiny.tokenizer import build_tokenizer
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Lora, Training
from stagerun_stages.train.sft import Sft

HEADS: dict[str, Any] = {"num_attention_heads": 4, "num_key_value_heads": 2}
EXPERTS: dict[str, Any] = {"head_dim": 32, "num_local_experts": 8, "num_experts_per_tok": 4, "sliding_window": 64}
SHAPES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 8}),
    "llama wide": ("llama", {"hidden_size": 512, "intermediate_size": 6144, "num_hidden_layers": 2}),
    "qwen2": ("qwen2", {"hidden_size": 192, "intermediate_size": 512, "num_hidden_layers": 12}),
    "qwen3": ("qwen3", {"hidden_size": 128, "intermediate_size": 384, "num_hidden_layers": 6, "head_dim": 64}),
    "mistral": ("mistral", {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 6}),
    "gpt_oss": ("gpt_oss", {"hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 6, **EXPERTS}),
    "gpt_oss wide": ("gpt_oss", {"hidden_size": 512, "intermediate_size": 512, "num_hidden_layers": 2, **EXPERTS}),
}
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
SHORTER = 7  # tokens that one row of a batch lacks


@frozen
class Case:
    """A training of a shape; `vocabulary` as large as that of real models, since the loss works on tiles of it."""

    name: str
    shape: str
    options: Training
    dtype: str = "float32"
    attention: str = ""
    vocabulary: int = 0  # 0: that of the tokenizer

    @property
    def backend(self) -> Cpu:
        """The CPU in the case's number format and attention."""
        kinds = {"gpt_oss": "eager", "*": self.attention or "sdpa"}
        return Cpu(threads=1, dtype=self.dtype, attention=kinds)


@frozen
class Found:
    """Bytes."""

    case: Case
    estimate: Estimate
    measured: int
    tokens: int = field(default=0)

    @property
    def off(self) -> float:
        """By what share of what was measured the estimate is wrong."""
        return self.estimate.memory_bytes / self.measured - 1


def sft(length: int, batch: int = 1, lora: Lora | None = None, **more: Any) -> Sft:
    """A training by example, of two steps."""
    return Sft(**_two_steps(length, batch, lora), **more)


def dpo(length: int, batch: int = 1, lora: Lora | None = None, **more: Any) -> Dpo:
    """A training of preferences, of two steps."""
    return Dpo(**_two_steps(length, batch, lora), **more)


def _two_steps(length: int, batch: int, lora: Lora | None) -> dict[str, Any]:
    rows = {"max_length": length, "batch_size": batch, "max_cut": 1.0}
    return {**rows, "lora": lora or Lora(rank=8), "max_steps": 2, **QUIET}


def grpo(prompt: int, new: int, batch: int = 4, lora: Lora | None = None, **more: Any) -> Grpo:
    """Reinforcement of answers that are all as long as allowed, of two steps."""
    trainer = {"generation_kwargs": {"min_new_tokens": new, **more.pop("generation", {})}}
    given: dict[str, Any] = {
        "max_length": prompt + new,
        "max_completion_length": new,
        "generations": 4,
        "reward": "",
        "max_steps": 2,
    }
    return Grpo(**given, batch_size=batch, lora=lora or Lora(rank=8), trainer=trainer, max_cut=1.0, **QUIET, **more)


QUIET: dict[str, Any] = {"longest_first": False, "save_steps": 0}


def find(case: Case, folder: Path) -> Found:
    """Train below `folder`, and put the estimate beside what was measured."""
    base = made(case, folder / "models")
    rows = dataset(folder / "rows.jsonl", _rows(case.options, base))
    with measured() as peak:
        run_stage(case.options, folder / "stage", {"model": base, "train": rows}, backend=case.backend)
    estimate = case.options.estimate({"model": base}, case.backend.policy())
    if estimate is None:
        raise LookupError(f"{case.shape} has no estimate")
    return Found(case, estimate, peak.found)


def made(case: Case, folder: Path) -> Artifact:
    """A random model with the tokenizer of the small world, made once."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, numbers = SHAPES[case.shape]
    place = folder / f"{case.shape.replace(' ', '-')}-{case.vocabulary}"
    if not place.exists():
        tokenizer = build_tokenizer()
        special = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None}
        words = case.vocabulary or len(tokenizer)
        config = AutoConfig.for_model(
            kind, **HEADS, **numbers, **special, vocab_size=words, max_position_embeddings=4096
        )
        config._attn_implementation = "eager"
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(str(place))
        tokenizer.save_pretrained(str(place))
    return artifact("model", place)


def _rows(options: Training, base: Artifact) -> list[dict[str, Any]]:
    """Enough rows for two steps, each of them longer than what is kept, one of each batch shorter."""
    from stagerun_stages.models.loading import load_tokenizer
    from stagerun_stages.train.chat import chat_for

    chat = chat_for(load_tokenizer(base), {}, options.date)
    count = 2 * options.batch_size * options.accumulation
    return [_row(options, chat, short=place % options.batch_size == 1) for place in range(count)]


def _row(options: Training, chat: Any, *, short: bool) -> dict[str, Any]:
    limit = options.max_length - (SHORTER if short else 0)
    if isinstance(options, Grpo):
        prompt = options.max_length - options.max_completion_length - (SHORTER if short else 0)
        return {"prompt": _asking(_filled(prompt, lambda text: chat.prompt(_asking(text)))), "expect": "no"}
    if isinstance(options, Dpo):
        chosen, rejected = (_answer(letter * (limit if short else 2 * limit)) for letter in "xy")
        return {"prompt": _asking("a"), "chosen": chosen, "rejected": rejected}
    filled = (
        _filled(limit, lambda text: chat.ids(chat.text([*_asking("a"), *_answer(text)], None)))
        if short
        else "x" * 2 * limit
    )
    return {"messages": [*_asking("a"), *_answer(filled)]}


def _asking(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def _answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _filled(limit: int, tokens: Any) -> str:
    """A text of single-token letters with which a conversation has `limit` tokens."""
    text = "x"
    while len(tokens(text)) < limit:
        text += "x"
    return text if len(tokens(text)) == limit else text[:-1]
