"""A training in two processes is the training of one: the same losses, the same checkpoints, and one end for both.

torchrun, gloo and accelerate are real. How near the losses are is measured in docs/how-to/several-processes.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from launched import Launched, arrange, launch, near

from stagerun.errors import Failure
from stagerun.testing import dataset
from stagerun.worker.execute import Done
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

NEAR = 2e-6  # of a loss in float32: two ways to add up the same numbers
TWO = Launch(processes=2)


def sft(**options: Any) -> Sft:
    """Eight steps of batches of four rows; eleven rows do not divide among them."""
    given = {"lora": Lora(rank=4, alpha=8.0), "learning_rate": 1e-2, "max_steps": 8, "batch_size": 4, "save_steps": 3}
    return Sft(**{**given, **options})


def talk(at: int) -> dict[str, Any]:
    said = [{"role": "user", "content": f"say {at}"}, {"role": "assistant", "content": f"{at} it is" + "!" * (at % 3)}]
    return {"messages": said}


@pytest.fixture(scope="module")
def inputs(model: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rows = dataset(tmp_path_factory.mktemp("data") / "rows.jsonl", map(talk, range(11)))
    return {"model": model("llama"), "train": rows}


@pytest.fixture(scope="module")
def one(inputs: Any, tmp_path_factory: pytest.TempPathFactory) -> Launched:
    """The training by one process."""
    return launch(sft(), tmp_path_factory.mktemp("one") / "run", inputs)


@pytest.fixture(scope="module")
def two(inputs: Any, tmp_path_factory: pytest.TempPathFactory) -> Launched:
    """The same by two."""
    return launch(sft(launch=TWO), tmp_path_factory.mktemp("two") / "run", inputs)


def test_two_processes_give_the_losses_and_the_adapter_of_one(one: Launched, two: Launched) -> None:
    assert isinstance(two.outcome, Done), two.outcome
    assert isinstance(one.outcome, Done)
    near(two.history(), one.history(), NEAR)
    for mine, theirs in zip(two.history(), one.history(), strict=True):
        assert mine["token_accuracy"] == pytest.approx(theirs["token_accuracy"], rel=1e-6)
    weights = one.weights()
    assert all(tensor.sub(weights[name]).abs().max() < 1e-4 for name, tensor in two.weights().items())
    assert set(two.outcome.result.metrics) == set(one.outcome.result.metrics)
    assert (two.outcome.result.metrics["rows"], two.outcome.result.metrics["micro_batch"]) == (11, 2)


def test_everything_is_told_once(one: Launched, two: Launched) -> None:
    assert "trains in 2 processes (ddp) of 2 rows each" in two.texts("stage.note")
    told = [[event["kind"] for event in each.events if event["kind"] != "stage.progress"] for each in (one, two)]
    assert sorted(told[1]) == sorted([*told[0], "stage.note"])
    assert isinstance(two.outcome, Done)
    assert isinstance(one.outcome, Done)
    assert two.outcome.libraries["torch"] == one.outcome.libraries["torch"]


@pytest.mark.slow
def test_a_killed_process_ends_the_attempt_and_a_single_one_goes_on_from_its_checkpoint(
    one: Launched, inputs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrange(tmp_path / "patches", rank=1, step=5)
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "patches"))
        cut = launch(sft(launch=TWO), tmp_path / "run", inputs)
    assert isinstance(cut.outcome, Failure)
    assert cut.outcome.reason == "killed"
    assert cut.outcome.message.startswith("process 2 of 2 was killed by SIGKILL")
    again = launch(sft(), tmp_path / "run", inputs)
    assert again.resumed() == [3]
    assert "the checkpoint of step 3 is of 2 processes; 1 go on from it" in again.texts("stage.note")
    near(again.history(), one.history(), NEAR)
