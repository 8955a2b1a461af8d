"""`model.tiny`: building the base model. How well it learns is measured in docs/benchmarks/tiny.md, not here."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from stagerun.testing import run_stage
from stagerun_stages.models.shapes import shape_of
from stagerun_stages.tiny.corpus import PIECES, corpus_row
from stagerun_stages.tiny.requests import PHRASES
from stagerun_stages.tiny.stage import Tiny

SMALL = {"steps": 12, "batch_size": 4, "hidden_size": 32}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again = run_stage(Tiny(**SMALL), tmp_path / "first"), run_stage(Tiny(**SMALL), tmp_path / "again")
    other = run_stage(Tiny(**SMALL), tmp_path / "other", seed=1)
    assert first.outputs["model"].digest == again.outputs["model"].digest != other.outputs["model"].digest
    assert first.metrics == again.metrics


def test_the_loss_falls_and_is_in_the_history(tmp_path: Path) -> None:
    done = run_stage(Tiny(steps=40, batch_size=8, hidden_size=32), tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["step"] for row in rows] == [10, 20, 30, 40]
    assert done.metrics["loss"] == pytest.approx(rows[-1]["loss"])
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_the_model_loads_as_gpt_oss_with_its_tokenizer_and_stops_at_both_markers(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = run_stage(Tiny(**SMALL, experts=3, layers=3), tmp_path / "run").outputs["model"].local()
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert (model.config.model_type, model.config.num_local_experts, model.config.num_hidden_layers) == (
        "gpt_oss",
        3,
        3,
    )
    stops = tokenizer.convert_tokens_to_ids(["<|return|>", "<|call|>"])
    assert model.generation_config.eos_token_id == stops
    assert "generation" in tokenizer.chat_template


@pytest.mark.parametrize("kind", ["qwen2", "llama"])
def test_a_dense_model_loads_with_the_shape_that_the_plan_was_told_of(
    tmp_path: Path, kind: Literal["qwen2", "llama"]
) -> None:
    from transformers import AutoModelForCausalLM

    stage = Tiny(steps=2, batch_size=2, hidden_size=64, model_type=kind)
    folder = run_stage(stage, tmp_path / "run").outputs["model"].local()
    model = AutoModelForCausalLM.from_pretrained(folder)
    shape = shape_of(stage.architecture())
    assert model.config.model_type == kind
    assert shape is not None
    assert shape.parameters == sum(each.numel() for each in model.parameters())


def test_a_dense_model_is_as_wide_as_its_heads() -> None:
    complaints = list(Tiny(model_type="qwen2", hidden_size=96).check())
    assert complaints == ["hidden_size is 96; it must be a multiple of 64 for qwen2"]


def test_a_model_without_training_is_possible(tmp_path: Path) -> None:
    done = run_stage(Tiny(**(SMALL | {"steps": 0})), tmp_path / "run")
    assert "loss" not in done.metrics
    assert done.metrics["copy_accuracy"] < 0.5


def test_none_of_the_later_requests_is_in_the_corpus() -> None:
    random = Random(1)
    asked = {row["messages"][0]["content"] for row in (corpus_row(random) for _ in range(5000))}
    starts = {phrase.split("{")[0] for group in PHRASES.values() for phrase in group}
    assert not [text for text in asked for start in starts if text.startswith(start)]
    assert all(text.startswith(("say ", "call ")) for text in asked)


def test_the_corpus_has_every_piece_and_every_kind_of_message() -> None:
    random = Random(1)
    rows = [corpus_row(random) for _ in range(5000)]
    text = json.dumps(rows, ensure_ascii=False)
    assert not [piece for piece in PIECES if json.dumps(piece)[1:-1] not in text]
    assert {message["role"] for row in rows for message in row["messages"]} == {"user", "assistant", "tool"}
    assert any("thinking" in message for row in rows for message in row["messages"])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"steps": -1}, "steps is -1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"experts": 1}, "experts is 1; it must be at least 2"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
    ],
)
def test_impossible_options_are_found_while_planning(options: dict[str, float], complaint: str) -> None:
    assert any(complaint in text for text in Tiny(**options).check())  # type: ignore[arg-type]
