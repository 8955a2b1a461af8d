"""What TRL, PEFT and transformers offer is reached by their own names, and a wrong name is refused before a model is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pytest

from stagerun import Artifact, StageError
from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft


def sft(**options: object) -> Sft:
    return Sft(**{"learning_rate": 1e-2, "max_steps": 4, "batch_size": 2, "save_steps": 2, **options})


@pytest.fixture
def inputs(model, data, rows):
    return {"model": model("llama"), "train": data(rows(6)), "validation": data(rows(3), "validation")}


@pytest.mark.parametrize(
    ("lora", "written"),
    [
        pytest.param(Lora(rank=4, use_rslora=True), {"use_rslora": True}, marks=pytest.mark.slow),
        (Lora(rank=4, use_dora=True), {"use_dora": True}),  # has weights of its own
        (Lora(rank=4, loraplus_lr_ratio=16.0), {}),  # has an optimizer of its own
        pytest.param(Lora(rank=4, peft={"init_lora_weights": "olora"}), {}, marks=pytest.mark.slow),
        pytest.param(
            Lora(rank=4, peft={"rank_pattern": {"q_proj": 2}}),
            {"rank_pattern": {"q_proj": 2}},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_peft_s_variants_train_and_resume_to_the_same_bytes(
    lora, written, inputs, tmp_path: Path, dying_at, same_run
) -> None:
    whole = run_stage(sft(lora=lora), tmp_path / "whole", inputs)
    with dying_at(3):
        run_stage(sft(lora=lora), tmp_path / "cut", inputs)
    run_stage(sft(lora=lora), tmp_path / "cut", inputs)
    same_run(tmp_path / "whole", tmp_path / "cut")
    config = json.loads((whole.outputs["adapter"].path / "adapter_config.json").read_text())
    assert {name: config[name] for name in written} == written
    assert whole.metrics["loss"] < whole.metrics["first_loss"]


@pytest.mark.parametrize(
    ("lora", "written"),
    [
        (Lora(rank=4, use_rslora=True), {"use_rslora": True}),
        (Lora(rank=4, peft={"init_lora_weights": "olora"}), {"init_lora_weights": "olora"}),
        (Lora(rank=4, peft={"rank_pattern": {"q_proj": 2}}), {"rank_pattern": {"q_proj": 2}}),
    ],
)
def test_peft_s_variants_are_written_down(lora, written, inputs, tmp_path: Path) -> None:
    done = run_stage(sft(lora=lora, max_steps=2, save_steps=0), tmp_path, inputs)
    config = json.loads((done.outputs["adapter"].path / "adapter_config.json").read_text())
    assert {name: config[name] for name in written} == written


def test_lora_plus_makes_the_second_factor_learn_faster(inputs, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    def moved(name: str, lora: Lora) -> float:
        done = run_stage(sft(lora=lora, max_steps=1), tmp_path / name, inputs)
        weights = load_file(str(done.outputs["adapter"].path / "adapter_model.safetensors"))
        return max(float(tensor.abs().max()) for name, tensor in weights.items() if "lora_B" in name)

    usual, faster = moved("usual", Lora(rank=4)), moved("plus", Lora(rank=4, loraplus_lr_ratio=8.0))
    assert faster == pytest.approx(8 * usual, rel=1e-3)  # the first step of Adam is as long as its rate


@pytest.mark.parametrize("trainer", [{"neftune_noise_alpha": 5}, {"loss_type": "dft"}])
def test_trl_s_own_options_change_the_training(trainer, inputs, tmp_path: Path) -> None:
    plain = run_stage(sft(), tmp_path / "plain", inputs)
    changed = run_stage(sft(trainer=trainer), tmp_path / "changed", inputs)
    assert changed.metrics["first_loss"] != plain.metrics["first_loss"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"lora": Lora(peft={"use_doraa": True})},
            'lora.peft sets "use_doraa", which LoraConfig does not have; did you',
        ),
        ({"lora": Lora(peft={"r": 4})}, 'lora.peft sets "r", which the stage sets itself'),
        ({"lora": Lora(peft={"layers_pattern": "layers"})}, "LoraConfig refuses its values"),
        (
            {"trainer": {"eval_strategy": "no"}, "early_stopping": {"early_stopping_patients": 1}},
            'early_stopping sets "early_stopping_patients", which EarlyStoppingCallback does not have; did you mean',
        ),
        ({"trainer": {"load_best_model_at_end": True}}, 'trainer sets "load_best_model_at_end", which the stage sets'),
        (
            {"trainer": {"completion_only_loss": True}},
            'trainer sets "completion_only_loss", which the stage sets itself',
        ),
        ({"trainer": {"report_to": "wandb"}}, "wandb, which is not installed; install wandb"),
    ],
)
def test_a_wrong_name_is_refused_before_the_model_is_read(
    options, expected, data, rows, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("stagerun_stages.train.trackers.find_spec", lambda _: None)
    nowhere = Artifact("model", "nowhere", "", tmp_path / "nowhere")
    with pytest.raises(StageError, match=expected):
        run_stage(sft(**options), tmp_path / "run", {"model": nowhere, "train": data(rows(1))})


STOPS = {
    "early_stopping": {"early_stopping_patience": 2},
    "trainer": {"eval_strategy": "steps", "eval_steps": 2},
    "learning_rate": 1e-9,
    "max_steps": 40,
}


def test_a_loss_over_validation_rows_that_no_longer_falls_ends_the_training(inputs, tmp_path: Path, history) -> None:
    run_stage(
        sft(**{**STOPS, "early_stopping": {"early_stopping_patience": 2, "early_stopping_threshold": 1.0}}),
        tmp_path,
        inputs,
    )
    rows = history(tmp_path)
    assert [row["step"] for row in rows if "eval_loss" in row] == [2, 4, 6]
    assert max(row["step"] for row in rows) == 6


def test_patience_outlives_a_resume(inputs, tmp_path: Path, dying_at, same_run) -> None:
    stage = sft(**{**STOPS, "early_stopping": {"early_stopping_patience": 3, "early_stopping_threshold": 1.0}})
    run_stage(stage, tmp_path / "whole", inputs)
    with dying_at(7):
        run_stage(stage, tmp_path / "cut", inputs)
    run_stage(stage, tmp_path / "cut", inputs)
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_training_that_ended_early_trains_no_further_when_run_again(inputs, tmp_path: Path, contents) -> None:
    stage = sft(**{**STOPS, "early_stopping": {"early_stopping_patience": 2, "early_stopping_threshold": 1.0}})
    first = run_stage(stage, tmp_path, inputs)
    before = contents(tmp_path / "final")
    again = run_stage(stage, tmp_path, inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [6]
    assert again.metrics == first.metrics
    assert contents(tmp_path / "final") == before


def test_wandb_stays_offline_unless_told_otherwise(monkeypatch) -> None:
    import os

    from stagerun_stages.train.trackers import track

    class Told:
        notes: ClassVar[list[str]] = []

        def note(self, text: str) -> None:
            self.notes.append(text)

    monkeypatch.setattr("stagerun_stages.train.trackers.find_spec", lambda _: object())
    monkeypatch.delenv("WANDB_MODE", raising=False)
    assert track("wandb", Told()) == ["wandb"]
    assert os.environ["WANDB_MODE"] == "offline"
    monkeypatch.setenv("WANDB_MODE", "online")
    assert track(["tensorboard", "wandb"], Told()) == ["tensorboard", "wandb"]
    assert os.environ["WANDB_MODE"] == "online"
    assert len(Told.notes) == 1
