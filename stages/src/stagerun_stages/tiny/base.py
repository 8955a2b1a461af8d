"""Builds the base model: a GPT-OSS of some 0.4 million parameters, or a dense one, trained from a random start to copy.

Found by trial, in docs/benchmarks/tiny.md: a window of 8 tokens in the first layer and an output layer that starts as the
embedding make copying appear after some 200 steps; without the two there was none after 240. Dense models have no such
window. Not covered: the model's quality at anything but the small world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from attrs import frozen

from stagerun_stages.tiny.corpus import corpus_row

WINDOW = 8  # tokens that the sliding-window layer looks back
SCALE = 0.05  # standard deviation of the random start
ROPE = 500.0  # rotary base: positions run to hundreds, not to 131072
IGNORED = -100  # torch's cross entropy skips this label
WARMUP = 20  # steps
COOLDOWN = 0.4  # share of the steps in which the learning rate falls

Encoded = tuple[list[int], list[int]]  # tokens, labels


@frozen
class Recipe:
    """How the base is trained. `learning_rate` is the peak; `batch_size` counts conversations."""

    steps: int
    batch_size: int
    learning_rate: float


def new_model(tokenizer: Any, architecture: Mapping[str, Any]) -> Any:
    """A model with random weights from torch's current seed; `architecture` is a configuration with its `model_type`."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    stops = [tokenizer.convert_tokens_to_ids(token) for token in ("<|return|>", "<|call|>")]
    mixture = architecture["model_type"] == "gpt_oss"
    config = AutoConfig.for_model(
        **architecture,
        **({"sliding_window": WINDOW} if mixture else {}),
        max_position_embeddings=1024,
        initializer_range=SCALE,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE},
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.convert_tokens_to_ids("<|start|>"),
        eos_token_id=stops,
    )
    config._attn_implementation = "eager" if mixture else "sdpa"  # the sinks of GPT-OSS have no sdpa kernel
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        model.lm_head.weight.copy_(2 * model.model.embed_tokens.weight)
    return model


def train(model: Any, tokenizer: Any, recipe: Recipe, random: Random, report: Callable[[int, float], None]) -> None:
    """Train in place on fresh conversations; `report` is told step and loss after every step."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.01)
    model.train()
    for step in range(1, recipe.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _share(step, recipe.steps)
        rows = [encode(tokenizer, corpus_row(random)) for _ in range(recipe.batch_size)]
        loss = model(**_batch(rows, tokenizer.pad_token_id), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        report(step, loss.item())


def copied(model: Any, tokenizer: Any, random: Random, rows: int) -> float:
    """Share of the assistant's tokens that the model predicts right in `rows` new conversations."""
    import torch

    batch = _batch([encode(tokenizer, corpus_row(random)) for _ in range(rows)], tokenizer.pad_token_id)
    labels = batch.pop("labels")[:, 1:]
    model.eval()
    with torch.inference_mode():
        found = model(**batch, use_cache=False).logits[:, :-1].argmax(-1)
    return float((found == labels)[labels != IGNORED].float().mean())


def encode(tokenizer: Any, row: dict[str, Any]) -> Encoded:
    """Tokens of a conversation, and labels that keep the loss to what the assistant says."""
    made = tokenizer.apply_chat_template(
        row["messages"], tools=row.get("tools"), tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    pairs = zip(made["input_ids"], made["assistant_masks"], strict=True)
    return made["input_ids"], [token if spoken else IGNORED for token, spoken in pairs]


def _share(step: int, steps: int) -> float:
    """Of the peak learning rate: up, level, and down to a fiftieth."""
    left = (steps - step + 1) / (COOLDOWN * steps)
    return min(step / WARMUP, 1.0) * max(min(left, 1.0), 0.02)


def _batch(rows: Sequence[Encoded], pad: int) -> dict[str, Any]:
    import torch

    width = max(len(tokens) for tokens, _ in rows)
    return {
        "input_ids": torch.tensor([tokens + [pad] * (width - len(tokens)) for tokens, _ in rows]),
        "attention_mask": torch.tensor([[1] * len(tokens) + [0] * (width - len(tokens)) for tokens, _ in rows]),
        "labels": torch.tensor([labels + [IGNORED] * (width - len(labels)) for _, labels in rows]),
    }
