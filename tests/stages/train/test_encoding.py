"""Tokens and labels are those of TRL's own path on the same rows; bad rows are named; several processes change nothing."""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from stagerun import StageError
from stagerun_stages.train import encoding, processes
from stagerun_stages.train.chat import chat_for
from stagerun_stages.train.encoding import IGNORED, Encoder

DAY = "2025-08-01"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look",
            "description": "Looks at a place.",
            "parameters": {
                "type": "object",
                "properties": {"at": {"type": "integer", "description": "where"}, "why": {"type": "string"}},
                "required": ["at"],
            },
        },
    }
]
WORDS = ["bird", "über", "东西", "😀", "a", "line\n", "  two  spaces ", "42", "é", "\ttab", "it's", "{}", "end."]
CALLING = ["gptoss", "qwen2_5", "qwen3", "qwen3_instruct_2507", "glm4moe", "lfm2_v2"]
TALKING = ["gemma3", "llama3", "phi3", "deepseekv3"]  # their templates know no tool calls in this form


def say(random: Random) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 9)))


def talk(random: Random, *, calling: bool) -> dict[str, Any]:
    """A conversation of one to three turns, some with thinking, a tool call and its result, or empty fields."""
    told: list[dict[str, Any]] = [{"role": "system", "content": say(random)}] if calling else []
    for _ in range(random.randint(1, 3)):
        told.append({"role": "user", "content": say(random)})
        thought = {"thinking": say(random), "reasoning_content": None} if calling and random.random() < 0.5 else {}
        if calling and random.random() < 0.5:
            call = {"name": "look", "arguments": {"at": random.randint(0, 99), "why": say(random)}}
            told.append({"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": call}]})
            told.append({"role": "tool", "name": "look", "content": say(random)})
        told.append({"role": "assistant", "content": say(random), **thought})
    return {"messages": told, **({"tools": json.dumps(TOOLS)} if calling else {})}


def learned(template: str) -> Any:
    """A tokenizer with merges, so that tokens span what a template writes and what somebody says."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|end|>", "<|return|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    inner.train_from_iterator([template, *(" ".join(WORDS),) * 9], trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<|end|>", eos_token="<|return|>", pad_token="<|end|>"
    )
    made.chat_template = template
    return made


def shipped(name: str) -> str:
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def trls_own(tokenizer: Any, rows: list[dict[str, Any]], *, assistant_only: bool) -> list[tuple[list[int], list[int]]]:
    """Token ids and labels as SFTTrainer prepares them, without the trainer's model."""
    from datasets import Dataset, disable_progress_bars
    from trl import SFTConfig, SFTTrainer
    from trl.chat_template_utils import get_training_chat_template, has_generation_markers

    disable_progress_bars()
    marked = None if has_generation_markers(tokenizer.chat_template) else get_training_chat_template(tokenizer)
    trainer = SimpleNamespace(_tokenizer=tokenizer, chat_template=marked, completion_only_loss=False)
    config = SFTConfig(
        output_dir="unused",
        assistant_only_loss=assistant_only,
        max_length=None,
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
    )
    data = Dataset.from_list(rows, on_mixed_types="use_json")
    done = SFTTrainer._prepare_dataset(trainer, data, tokenizer, config, False, None, "train")
    return [(row["input_ids"], row["labels"]) for row in done]


@pytest.fixture
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates that print the date print the one that ours are told."""
    fixed = SimpleNamespace(now=lambda: datetime.fromisoformat(DAY))
    monkeypatch.setattr("transformers.utils.chat_template_utils.datetime", fixed)


@pytest.mark.usefixtures("same_day")
@pytest.mark.parametrize("name", [*CALLING, *TALKING, "tiny"])
def test_tokens_and_labels_are_those_of_trl(name: str) -> None:
    template = shipped(name) if name != "tiny" else tiny_template()
    tokenizer, random = learned(template), Random(name)
    rows = [talk(random, calling=name not in TALKING) for _ in range(40)]
    ours = list(Encoder(chat_for(tokenizer, {}, DAY), assistant_only=True).encode(rows, str))
    assert [(list(each.ids), list(each.labels)) for each in ours] == trls_own(tokenizer, rows, assistant_only=True)
    assert all(IGNORED in each.labels and set(each.labels) - {IGNORED} for each in ours)


@pytest.mark.usefixtures("same_day")
def test_so_they_are_when_everything_is_learned() -> None:
    tokenizer, random = learned(shipped("gptoss")), Random(0)
    rows = [talk(random, calling=True) for _ in range(10)]
    ours = list(Encoder(chat_for(tokenizer, {}, DAY), assistant_only=False).encode(rows, str))
    assert [(list(each.ids), list(each.labels)) for each in ours] == trls_own(tokenizer, rows, assistant_only=False)


def tiny_template() -> str:
    from stagerun_stages.tiny.tokenizer import TEMPLATE

    return TEMPLATE.read_text(encoding="utf-8")


def test_several_processes_give_the_same_in_the_same_order(chat: Any, rows: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(encoding, "WORTH", 20)
    monkeypatch.setattr(encoding, "TOGETHER", 7)
    encoder, given = Encoder(chat, assistant_only=True), rows(100)
    assert list(encoder.encode(given, str, processes=3)) == list(encoder.encode(given, str))


def test_the_first_bad_row_is_named_whichever_process_found_it(chat: Any, rows: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(encoding, "WORTH", 0)
    given = [*rows(60), {"text": "hello"}, *rows(20), {"messages": []}]
    with pytest.raises(StageError, match='row 61 has no "messages" list'):
        list(Encoder(chat, assistant_only=True).encode(given, lambda index: f"row {index + 1}", processes=2))


def test_half_a_character_is_named(chat: Any) -> None:
    broken = {"messages": [{"role": "user", "content": "\ud83d"}, {"role": "assistant", "content": "x"}]}
    for assistant_only in (True, False):
        with pytest.raises(StageError, match="row 0 has half a character; mend the row or drop it"):
            list(Encoder(chat, assistant_only).encode([broken], lambda index: f"row {index}"))


def test_a_process_that_dies_is_told() -> None:
    def die(_: list[int]) -> list[int]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(StageError, match="a process that turns rows into tokens died"):
        list(processes.in_order(die, range(10), size=2, alone=0, processes=2))


def test_a_tokenizer_that_cannot_tell_characters_is_refused(chat: Any) -> None:
    slow = evolve(chat, tokenizer=SimpleNamespace(is_fast=False))
    with pytest.raises(StageError, match=r"does not tell which characters .* tokenizer\.json"):
        Encoder(slow, assistant_only=True)
