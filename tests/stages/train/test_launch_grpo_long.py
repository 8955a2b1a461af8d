"""Reinforcement learning in two processes, the longer tests: other losses and strategies, resumes and kills. All of it real."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from alike import stage
from attrs import evolve
from doubting import JUDGE, asked
from launched import Launched, arrange, launch, same
from several import ONE, SHARDED, TWO

from stagerun.errors import Failure
from stagerun.worker.execute import Done
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Evaluation, Lora

pytestmark = pytest.mark.slow

TWICE = {"steps_per_generation": 6}  # answers of two steps are generated together


def run(given: Any, root: Path, inputs: Any, many: Any = None, **more: Any) -> Launched:
    done = launch(given, root, inputs, many, **JUDGE, **more)
    assert isinstance(done.outcome, Done), done.outcome
    return done


@pytest.mark.parametrize(
    ("kind", "launched", "options"),
    [
        ("gpt_oss", TWO, {"beta": 0.05, "trainer": {"num_iterations": 2}}),
        ("llama", TWO, {"trainer": {"loss_type": "grpo", "scale_rewards": "batch"}}),
        ("gpt_oss", SHARDED, {"beta": 0.05}),
        ("llama", SHARDED, {"longest_first": False}),
    ],
)
def test_every_kind_of_training_learns_what_one_process_learns(
    kind: str, launched: Launch, options: Any, model: Any, data: Any, tmp_path: Path
) -> None:
    heldout = [{"messages": row["prompt"], "task": row["task"]} for row in map(asked, range(3))]
    inputs, many = {"model": model(kind), "train": data(map(asked, range(7)))}, {"heldout": [data(heldout, "held")]}
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    given = stage(lora=lora, evaluation=Evaluation(max_new_tokens=6), max_steps=3, **options)
    two = run(evolve(given, launch=launched), tmp_path / "two", inputs, many)
    one = run(given, tmp_path / "one", inputs, many)
    same(
        two.history(), one.history(), 1e-4, besides="kl"
    )  # TRL's mean over pieces, in which other answers are together
    for name in ("pass_rate", "pass_rate_before"):
        assert two.outcome.result.metrics[name] == one.outcome.result.metrics[name]


def test_a_killed_run_goes_on_to_the_bytes_of_one_that_was_not(
    model: Any, data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"model": model("llama"), "train": data(map(asked, range(7)))}
    given = stage(Grpo, trainer=TWICE, launch=TWO)
    whole = run(given, tmp_path / "whole", inputs)
    arrange(tmp_path / "patches", rank=1, step=4)
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "patches"), prepend=os.pathsep)
        cut = launch(given, tmp_path / "cut", inputs, **JUDGE)
    assert isinstance(cut.outcome, Failure)
    again = run(given, tmp_path / "cut", inputs)
    assert again.resumed() == [3]  # between two generations
    assert again.history() == whole.history()
    assert again.outcome.result.metrics == whole.outcome.result.metrics
    assert (again.outcome.result.outputs["adapter"].digest) == whole.outcome.result.outputs["adapter"].digest


@pytest.mark.parametrize(
    ("before", "after", "failures"), [(TWO, ONE, 0), (ONE, TWO, 1), (TWO, TWO, 1), (SHARDED, TWO, 0), (TWO, SHARDED, 0)]
)
def test_answers_of_a_checkpoint_are_dealt_out_anew(
    before: Launch, after: Launch, failures: int, model: Any, data: Any, tmp_path: Path
) -> None:
    inputs = {"model": model("llama"), "train": data(map(asked, range(7)))}
    whole = run(stage(trainer=TWICE, launch=before), tmp_path / "run", inputs).history()  # the next one writes it anew
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step_00000004")
    again = run(stage(trainer=TWICE, launch=after), tmp_path / "run", inputs, memory_failures=failures)
    assert again.resumed() == [3]
    same(again.history(), whole, 1e-4)
    told = f"other random numbers from here on: {before.processes} processes became {after.processes}"
    assert any(told in text for text in again.texts("stage.warning")) == (before.processes != after.processes)
