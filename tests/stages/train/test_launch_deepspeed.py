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
from alike import Alike
from attrs import evolve
from doubting import JUDGE, asked
from launched import Launched, go_on, launch, near, same

from stagerun.worker.execute import Done
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Evaluation, Lora
from stagerun_stages.train.sft import Sft

pytestmark = pytest.mark.usefixtures("deepspeed")

NEAR = 1e-5
ONE = Launch()
TWO = Launch(processes=2)
ZERO = Launch(processes=2, strategy="deepspeed")
SHARDED = Launch(processes=2, strategy="fsdp2")
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


def sft(kind: str = "llama", **options: Any) -> Sft:
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    given = {"lora": lora, "learning_rate": 1e-2, "max_steps": 8, "batch_size": 4, "save_steps": 3}
    return Sft(**{**given, **options})


def both(stage: Any, root: Path, inputs: Any, many: Any = None) -> tuple[Launched, Launched]:
    """The stage by one process and by two; both must be done."""
    one = launch(stage, root / "one", inputs, many)
    two = launch(evolve(stage, launch=ZERO), root / "two", inputs, many)
    for each in (one, two):
        assert isinstance(each.outcome, Done), each.outcome
    return one, two


def test_each_process_keeps_a_part_of_the_optimizer_and_losses_and_adapter_are_those_of_one(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(3)]
    inputs, many = {"model": model("llama"), "train": data(rows(11))}, {"heldout": [data(asked, "asked")]}
    one, two = both(sft(evaluation=Evaluation(max_new_tokens=8), accumulation=2), tmp_path, inputs, many)
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
    whole = launch(sft(), tmp_path / "whole", inputs)
    launch(sft(launch=before), tmp_path / "run", inputs)
    again = go_on(sft(launch=after), tmp_path / "run", inputs)
    near(again.history(), whole.history(), NEAR)


@pytest.mark.slow
def test_as_many_processes_go_on_to_the_same_bytes(model: Any, data: Any, rows: Any, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    stage = sft(lora=Lora(rank=4, dropout=0.2, loraplus_lr_ratio=4.0), launch=ZERO)
    whole = launch(stage, tmp_path / "run", inputs)
    weights, history = whole.weights(), whole.history()
    again = go_on(stage, tmp_path / "run", inputs)
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
    one, two = both(sft(kind, **options), tmp_path, {"model": model(kind), "train": data(rows(11))})
    near(two.history(), one.history(), tolerance)


@pytest.mark.slow
def test_preferences_weigh_each_pair_as_one_process_does(model: Any, data: Any, tmp_path: Path) -> None:
    pairs = [{"prompt": f"say {at} ", "chosen": f"{at}" + "!" * at, "rejected": f"{at + 1}?"} for at in range(7)]
    stage = Dpo(lora=Lora(rank=4), learning_rate=1e-3, batch_size=4, accumulation=2, epochs=3.0)
    inputs = {"model": model("llama"), "train": data(pairs), "validation": data(pairs[:3], "held")}
    one, two = both(stage, tmp_path, inputs)
    near(two.history(), one.history(), NEAR)
    assert isinstance(one.outcome, Done)
    assert isinstance(two.outcome, Done)
    measured = [each.outcome.result.metrics["eval_loss"] for each in (one, two)]
    assert measured[1] == pytest.approx(measured[0], rel=NEAR)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_reinforcement_learning_goes_as_in_one_process_which_goes_on_from_a_checkpoint(
    kind: str, model: Any, data: Any, tmp_path: Path
) -> None:
    inputs = {"model": model(kind), "train": data(map(asked, range(7)))}
    stage = Alike(
        lora=Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss"),
        learning_rate=1e-2,
        max_steps=4,
        batch_size=4,
        accumulation=3,
        generations=4,
        max_completion_length=6,
        save_steps=3,
    )
    one, two = (launch(evolve(stage, launch=by), tmp_path / by.strategy, inputs, **JUDGE) for by in (ONE, ZERO))
    assert isinstance(two.outcome, Done), two.outcome
    same(two.history(), one.history(), 1e-4)
    again = go_on(stage, tmp_path / "deepspeed", inputs, 4, 3, **JUDGE)
    same(again.history(), one.history(), 1e-4)
