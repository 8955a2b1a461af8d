"""Trainings in two processes, the longer tests: other kinds, other strategies, resumes and kills. All of it real."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from launched import arrange, job_of, launch, near
from several import NEAR, ONE, SHARDED, TWO, both, handed_on, metrics, sft

from stagerun import Registry
from stagerun.errors import Failure
from stagerun.store.results import StageFolder
from stagerun.worker.execute import execute, make_context
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Evaluation, Lora

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("gpt_oss", {"accumulation": 2, "max_steps": 4}),
        ("llama", {"packing": True, "max_length": 200, "max_steps": 6, "batch_size": 2}),
        ("llama", {"gradient_checkpointing": True, "micro_batch": 1, "lora": Lora(rank=4, loraplus_lr_ratio=4.0)}),
        ("llama", {"trainer": {"dataloader_drop_last": True}, "epochs": 3.0, "max_steps": 0}),
    ],
)
def test_every_kind_of_training_has_the_losses_of_one_process(
    kind: str, options: Any, model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    one, two = both(sft(kind, **options), tmp_path, {"model": model(kind), "train": data(rows(11))})
    near(two.history(), one.history(), NEAR)


@pytest.mark.parametrize("loss", ["ipo", "sigmoid"])
@pytest.mark.parametrize("micro", [0, 1])
def test_preferences_weigh_each_pair_as_one_process_does(
    loss: str, micro: int, model: Any, data: Any, tmp_path: Path
) -> None:
    pairs = [{"prompt": f"say {at} ", "chosen": f"{at}" + "!" * at, "rejected": f"{at + 1}?"} for at in range(7)]
    stage = Dpo(
        lora=Lora(rank=4), learning_rate=1e-3, batch_size=4, micro_batch=micro, accumulation=2, epochs=3.0, loss=loss
    )
    inputs = {"model": model("llama"), "train": data(pairs), "validation": data(pairs[:3], "held")}
    one, two = both(stage, tmp_path, inputs)
    near(two.history(), one.history(), NEAR)
    assert metrics(two)["eval_loss"] == pytest.approx(metrics(one)["eval_loss"], rel=NEAR)
    if micro:  # TRL's other metrics are means over pieces, which are others then
        return
    for mine, theirs in zip(two.history(), one.history(), strict=True):
        assert mine["margin"] == pytest.approx(theirs["margin"], rel=1e-3, abs=1e-6)
        assert mine["accuracy"] == pytest.approx(theirs["accuracy"])
    for name in ("eval_margin", "eval_accuracy"):
        assert metrics(two)[name] == pytest.approx(metrics(one)[name], rel=1e-3, abs=1e-6), name


def test_what_is_measured_on_rows_not_trained_on_is_what_one_process_measures(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(5)]
    inputs = {"model": model("llama"), "train": data(rows(11)), "validation": data(rows(7), "held")}
    stage = sft(
        evaluation=Evaluation(max_new_tokens=12),
        max_steps=40,
        trainer={"eval_strategy": "steps", "eval_steps": 2},
        early_stopping={"early_stopping_patience": 3},
    )
    one, two = both(stage, tmp_path, inputs, {"heldout": [data(asked, "asked")]})
    found = [
        {name: value for name, value in metrics(each).items() if "loss" in name or "exact" in name}
        for each in (one, two)
    ]
    assert found[1] == pytest.approx(found[0], rel=NEAR)
    assert len(one.history()) == len(two.history())


@pytest.mark.parametrize(("before", "after"), [(ONE, TWO), (TWO, TWO), (SHARDED, ONE), (ONE, SHARDED), (SHARDED, TWO)])
def test_any_number_of_processes_goes_on_from_a_checkpoint(
    before: Launch, after: Launch, model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    handed_on(before, after, tmp_path, inputs)


@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_a_model_in_parts_has_the_losses_of_one_process(
    kind: str, model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(3)]
    inputs, many = {"model": model(kind), "train": data(rows(11))}, {"heldout": [data(asked, "asked")]}
    one, two = both(sft(kind, evaluation=Evaluation(max_new_tokens=8)), tmp_path, inputs, many, launched=SHARDED)
    near(two.history(), one.history(), NEAR)
    [parts] = [event["evidence"] for event in two.events if event.get("name") == "in parts"]
    assert parts["held"] < 0.6 * parts["parameters"]
    weights = one.weights()
    assert all(tensor.sub(weights[name]).abs().max() < 1e-3 for name, tensor in two.weights().items())


def test_dropout_is_drawn_by_each_process_and_another_number_of_them_is_told(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    stage = sft(lora=Lora(rank=4, dropout=0.2), launch=TWO)
    whole = launch(stage, tmp_path / "run", inputs).history()  # the next one writes it anew
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step_00000008")
    again = launch(stage, tmp_path / "run", inputs)
    assert again.history() == whole  # as many go on with the random states of each
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step_00000008")
    alone = launch(evolve(stage, launch=ONE), tmp_path / "run", inputs)
    assert any("lora.dropout draws other masks" in text for text in alone.texts("stage.warning"))


def test_a_process_that_runs_out_of_memory_is_told_as_that_and_smaller_pieces_follow(
    model: Any, data: Any, rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    arrange(tmp_path / "patches", rank=1, step=5, act="raise MemoryError")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "patches"))
        cut = launch(sft(launch=TWO), tmp_path / "run", inputs)
    assert isinstance(cut.outcome, Failure)
    assert (cut.outcome.reason, cut.outcome.message) == ("out_of_memory", "process 2 of 2: MemoryError")
    again = launch(sft(launch=TWO), tmp_path / "run", inputs, memory_failures=1)
    assert metrics(again)["micro_batch"] == 1
    near(again.history(), launch(sft(), tmp_path / "one", inputs).history(), NEAR)


def test_a_stop_is_heeded_by_all_and_saves_the_step(model: Any, data: Any, rows: Any, tmp_path: Path) -> None:
    job = job_of(sft(max_steps=1000, launch=TWO), tmp_path, {"model": model("llama"), "train": data(rows(11))})
    StageFolder(tmp_path).begin()
    saved: list[int] = []

    def hear(message: dict[str, Any]) -> None:
        if message.get("step"):
            ctx.stopping.set()
        if message["kind"] == "checkpoint.saved":
            saved.append(message["step"])

    ctx = make_context(job, hear)
    assert execute(job, ctx, Registry()) is None
    assert saved
    assert saved[-1] == ctx.step
    assert (tmp_path / "checkpoints" / f"step_{saved[-1]:08d}" / "manifest.json").exists()
