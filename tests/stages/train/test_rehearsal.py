"""The longest batch runs first, and the training that follows is the same to the byte as without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from stagerun.testing import run_stage
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

QUICK = {"learning_rate": 1e-2, "max_steps": 3, "batch_size": 2}
DROPOUT = Lora(rank=4, alpha=8.0, dropout=0.2)
EXPERTS = Lora(rank=4, alpha=8.0, experts=True)


@pytest.fixture
def given(model, data, rows):
    """`given("sft", "llama")`: inputs whose fifth row is by far the longest."""

    def give(stage: object, kind: str):
        talks = rows(7)
        talks[4]["messages"][0]["content"] = "x" * 90
        other = [{"role": "assistant", "content": "no"}]
        made = {
            Sft: lambda talk: talk,
            Dpo: lambda talk: {"prompt": talk["messages"][:1], "chosen": talk["messages"][1:], "rejected": other},
            Grpo: lambda talk: {"prompt": talk["messages"][:1], "expect": "3"},
        }
        return {"model": model(kind), "train": data([made[type(stage)](talk) for talk in talks])}

    return give


STAGES = [
    (Sft(lora=DROPOUT, trainer={"neftune_noise_alpha": 5}, **QUICK), "llama"),
    pytest.param(
        Sft(lora=EXPERTS, router_balance=0.01, gradient_checkpointing=True, **QUICK), "gpt_oss", marks=pytest.mark.slow
    ),
    pytest.param(Dpo(lora=DROPOUT, **QUICK), "llama", marks=pytest.mark.slow),  # its rows run as those of SFT do
    (Grpo(lora=EXPERTS, reward="", generations=2, max_completion_length=8, beta=0.1, **QUICK), "gpt_oss"),
]


@pytest.mark.parametrize(("stage", "kind"), STAGES)
def test_the_training_is_the_same_with_and_without(stage, kind, given, tmp_path: Path, same_run) -> None:
    inputs = given(stage, kind)
    first = run_stage(stage, tmp_path / "first", inputs)
    without = run_stage(evolve(stage, longest_first=False), tmp_path / "without", inputs)
    assert "longest batch" in {event["name"] for event in first.kinds("stage.proof")}
    assert "longest batch" not in {event["name"] for event in without.kinds("stage.proof")}
    assert first.metrics == without.metrics
    same_run(tmp_path / "first", tmp_path / "without")


def test_it_is_the_longest_rows_at_the_micro_batch(given, chat, tmp_path: Path) -> None:
    stage = Sft(lora=DROPOUT, **QUICK)
    inputs = given(stage, "llama")
    done = run_stage(stage, tmp_path / "run", inputs)
    (told,) = [event["evidence"] for event in done.kinds("stage.proof") if event["name"] == "longest batch"]
    question = [{"role": "user", "content": "x" * 90}, {"role": "assistant", "content": "4 it is!"}]
    assert (told["rows"], told["tokens"]) == (2, 2 * len(chat.ids(chat.text(question))))
    assert told["peak_mib"] > 1


def test_memory_that_fails_fails_before_the_first_step(given, tmp_path: Path, monkeypatch) -> None:
    from stagerun_stages.train import rehearsal

    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(rehearsal, "_forward_and_backward", full)
    stage = Sft(lora=DROPOUT, **QUICK)
    with pytest.raises(MemoryError):
        run_stage(stage, tmp_path / "run", given(stage, "llama"))
    assert not (tmp_path / "run" / "metrics.jsonl").exists()
