"""Trainings in two processes with DeepSpeed's ZeRO: the losses of one process, and checkpoints that any number goes on from.

DeepSpeed is real, over gloo. It is put into a folder beside the environment: where it is installed, accelerate loads it in every
training, which takes some seconds of each of the other tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from alike import stage
from doubting import JUDGE, asked
from launched import go_on, launch, near, same
from several import NEAR, ONE, SHARDED, TWO, ZERO, both, handed_on, metrics, sft

from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Evaluation, Lora

pytestmark = pytest.mark.usefixtures("deepspeed")

ITS_OWN = ("deepspeed", "einops", "hjson", "msgpack", "ninja", "py-cpuinfo")  # what it needs and nothing else does
TESTED = Path(__file__).parents[3] / "constraints.txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with DeepSpeed in it, or none where the environment has it."""
    if find_spec("deepspeed"):
        return ""
    place = str(tmp_path_factory.mktemp("deepspeed"))
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--constraint", str(TESTED)]
    subprocess.run([*install, "--target", place, *ITS_OWN], check=True)
    return place


@pytest.fixture
def deepspeed(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of a training find DeepSpeed, and this one does not."""
    if folder:
        monkeypatch.setenv("PYTHONPATH", folder, prepend=os.pathsep)


def test_each_process_keeps_a_part_of_the_optimizer_and_losses_and_adapter_are_those_of_one(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(3)]
    inputs, many = {"model": model("llama"), "train": data(rows(11))}, {"heldout": [data(asked, "asked")]}
    one, two = both(sft(evaluation=Evaluation(max_new_tokens=8), accumulation=2), tmp_path, inputs, many, launched=ZERO)
    near(two.history(), one.history(), NEAR)
    [parts] = [event["evidence"] for event in two.events if event.get("name") == "in parts"]
    assert parts["held"] < 0.6 * parts["trained"]
    weights = one.weights()
    assert all(tensor.sub(weights[name]).abs().max() < 1e-4 for name, tensor in two.weights().items())
    again = go_on(sft(accumulation=2), tmp_path / "two", inputs)
    near(again.history(), one.history(), NEAR)


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(ONE, ZERO), (TWO, ZERO), (ZERO, SHARDED), (SHARDED, ZERO)])
def test_any_strategy_goes_on_from_a_checkpoint(
    before: Launch, after: Launch, model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    handed_on(before, after, tmp_path, inputs)


@pytest.mark.slow
def test_as_many_processes_go_on_to_the_same_bytes(model: Any, data: Any, rows: Any, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    given = sft(lora=Lora(rank=4, dropout=0.2, loraplus_lr_ratio=4.0), launch=ZERO)
    whole = launch(given, tmp_path / "run", inputs)
    weights, history = whole.weights(), whole.history()
    again = go_on(given, tmp_path / "run", inputs)
    assert again.history() == history
    assert all(tensor.equal(weights[name]) for name, tensor in again.weights().items())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("gpt_oss", {"accumulation": 2, "max_steps": 4}, NEAR),
        ("llama", {"packing": True, "max_length": 200, "max_steps": 6, "batch_size": 2}, NEAR),
        ("llama", {"gradient_checkpointing": True, "micro_batch": 1}, NEAR),
        ("llama", {"precision": "bfloat16"}, 1e-2),
    ],
)
def test_every_kind_of_training_has_the_losses_of_one_process(
    kind: str, options: Any, tolerance: float, model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    one, two = both(sft(kind, **options), tmp_path, {"model": model(kind), "train": data(rows(11))}, launched=ZERO)
    near(two.history(), one.history(), tolerance)


@pytest.mark.slow
def test_preferences_weigh_each_pair_as_one_process_does(model: Any, data: Any, tmp_path: Path) -> None:
    pairs = [{"prompt": f"say {at} ", "chosen": f"{at}" + "!" * at, "rejected": f"{at + 1}?"} for at in range(7)]
    given = Dpo(lora=Lora(rank=4), learning_rate=1e-3, batch_size=4, accumulation=2, epochs=3.0)
    inputs = {"model": model("llama"), "train": data(pairs), "validation": data(pairs[:3], "held")}
    one, two = both(given, tmp_path, inputs, launched=ZERO)
    near(two.history(), one.history(), NEAR)
    assert metrics(two)["eval_loss"] == pytest.approx(metrics(one)["eval_loss"], rel=NEAR)


@pytest.mark.slow
def test_a_run_that_was_cut_after_its_last_step_measures_what_it_would_have(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11)), "validation": data(rows(5), "held")}
    whole, again = (launch(sft(launch=ZERO), tmp_path / "run", inputs) for _ in range(2))
    assert again.resumed() == [8]
    assert metrics(again) == metrics(whole)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_reinforcement_learning_goes_as_in_one_process_which_goes_on_from_a_checkpoint(
    kind: str, model: Any, data: Any, tmp_path: Path
) -> None:
    inputs = {"model": model(kind), "train": data(map(asked, range(7)))}
    given = stage(lora=Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss"))
    one, two = both(given, tmp_path, inputs, launched=ZERO, **JUDGE)
    same(two.history(), one.history(), 1e-4)
    again = go_on(given, tmp_path / "two", inputs, 4, 3, **JUDGE)
    same(again.history(), one.history(), 1e-4)
