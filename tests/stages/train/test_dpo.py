"""`train.dpo` on tiny random models: it starts at its reference, widens the margin, and resumes to the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft


def dpo(kind: str = "llama", **options: object) -> Dpo:
    """A stage of eight quick steps."""
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    return Dpo(**{"lora": lora, "learning_rate": 3e-3, "max_steps": 8, "batch_size": 2, "save_steps": 3, **options})


@pytest.fixture
def pairs(rows):
    """`pairs(8)`: so many preferences."""

    def give(count: int):
        other = [{"role": "assistant", "content": "no way"}]
        return [{"prompt": r["messages"][:1], "chosen": r["messages"][1:], "rejected": other} for r in rows(count)]

    return give


@pytest.fixture
def adapter(model, data, rows, tmp_path: Path):
    """`adapter("llama")`: an adapter that SFT made."""

    def give(kind: str):
        stage = Sft(lora=Lora(rank=4, experts=kind == "gpt_oss"), learning_rate=1e-2, max_steps=3, batch_size=2)
        return run_stage(stage, tmp_path / "sft", {"model": model(kind), "train": data(rows(6), "sft")}).outputs[
            "adapter"
        ]

    return give


@pytest.mark.parametrize(("loss", "beta", "first"), [("ipo", 0.1, 25.0), ("ipo", 0.5, 1.0), ("sigmoid", 0.1, 0.6931)])
def test_it_starts_where_its_reference_is(loss, beta, first, model, data, pairs, tmp_path: Path) -> None:
    stage = dpo(loss=loss, beta=beta, max_steps=2)
    done = run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(pairs(4))})
    assert done.metrics["first_loss"] == pytest.approx(first, abs=1e-3)
    assert "reference" in {event["name"] for event in done.kinds("stage.proof")}


@pytest.mark.parametrize("kind", ["gpt_oss", "llama"])
def test_a_continued_adapter_is_its_own_reference_and_the_margin_widens(
    kind, adapter, data, pairs, tmp_path: Path, contents
) -> None:
    start = adapter(kind)
    done = run_stage(dpo(kind, learning_rate=1e-2), tmp_path / "run", {"model": start, "train": data(pairs(8))})
    assert done.metrics["first_loss"] == pytest.approx(25.0, abs=1e-3)
    assert done.metrics["margin"] > 0
    assert done.metrics["accuracy"] > 0.5
    assert done.outputs["adapter"].base == start.base
    names = ["adapter_config.json", "adapter_model.safetensors", "lineage.json"]
    assert sorted(contents(done.outputs["adapter"].path)) == names  # the reference is not saved beside it


@pytest.mark.parametrize("kind", [pytest.param("gpt_oss", marks=pytest.mark.slow), "llama"])
def test_a_resumed_run_gives_the_same_losses_and_bytes(
    kind, adapter, data, pairs, tmp_path: Path, dying_at, same_run
) -> None:
    stage, inputs = dpo(kind), {"model": adapter(kind), "train": data(pairs(11))}
    whole = run_stage(stage, tmp_path / "whole", inputs)
    with dying_at(5):
        run_stage(stage, tmp_path / "cut", inputs)
    again = run_stage(stage, tmp_path / "cut", inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [3]
    assert again.metrics == whole.metrics
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_pairs_that_were_not_trained_on_are_measured(model, data, pairs, tmp_path: Path) -> None:
    rows = pairs(8)
    inputs = {"model": model("llama"), "train": data(rows[:6]), "validation": data(rows[6:], "validation")}
    done = run_stage(dpo(learning_rate=1e-2), tmp_path / "run", inputs)
    assert done.metrics["eval_margin"] > 0
    assert done.metrics["eval_accuracy"] == 1.0
    assert done.metrics["eval_loss"] < 25


def test_rows_that_repeat_the_prompt_are_refused(model, data, pairs, tmp_path: Path) -> None:
    rows = [{**row, "chosen": [*row["prompt"], *row["chosen"]]} for row in pairs(2)]
    with pytest.raises(StageError, match="row 1 of train.jsonl repeats the prompt"):
        run_stage(dpo(), tmp_path / "run", {"model": model("llama"), "train": data(rows)})
