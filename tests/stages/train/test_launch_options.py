"""What `launch` says in a pipeline: shares of a batch, claims on devices, and what the plan refuses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from attrs import evolve

from stagerun import Hardware, Policy, Probe
from stagerun.plan.options import canonical
from stagerun_stages.train.arguments import build
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.launching import share
from stagerun_stages.train.memory import weights
from stagerun_stages.train.sft import Sft


def machine(device: str = "cuda", **facts: Any) -> Hardware:
    """A machine of that kind, described and not there."""
    probe = Probe(True, "a device", memory_gb=80.0, facts={"generation": "hopper", "bf16": True, **facts})
    return Hardware(device, probe, Policy(device, "bfloat16", {"*": "sdpa"}))


def complaints(stage: Any) -> list[str]:
    return [each for each in stage.check() if "launch" in each or "sampling" in each or "deepspeed" in each]


def misfits(stage: Any, hardware: Hardware) -> dict[str, str]:
    return dict(each for each in stage.fits({}, hardware) if each[0].startswith("launch"))


def test_the_number_of_processes_is_no_part_of_the_fingerprint() -> None:
    assert canonical(Sft(batch_size=4, launch=Launch(processes=2))) == canonical(Sft(batch_size=4))


def test_one_process_asks_for_nothing_and_several_for_a_device_each() -> None:
    assert list(Sft().claims()) == []
    assert dict(Sft(batch_size=8, launch=Launch(processes=4)).claims()) == {"accelerator": 4, "cpu": 4}


def test_a_process_generates_its_share_of_the_answers() -> None:
    stage = Grpo(batch_size=8, accumulation=2, max_length=512, max_completion_length=128, launch=Launch(processes=4))
    assert stage.generates == (4, 384, 128)
    assert evolve(stage, trainer={"steps_per_generation": 4}).generates == (8, 384, 128)


def test_a_process_holds_its_share_of_a_batch() -> None:
    assert Sft(batch_size=8, launch=Launch(processes=2)).rows_at_once == 4
    assert Sft(batch_size=8, micro_batch=2, launch=Launch(processes=2)).rows_at_once == 2


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (
            Sft(batch_size=6, launch=Launch(processes=4)),
            "batch_size is 6; it must divide among launch.processes = 4, such as 8",
        ),
        (Sft(launch=Launch(processes=0)), "launch.processes is 0; it must be at least 1"),
        (
            Sft(batch_size=2, launch=Launch(processes=2), trainer={"fsdp": True}),
            'trainer sets "fsdp"; use launch.strategy',
        ),
        (
            Sft(batch_size=2, launch=Launch(processes=2), trainer={"train_sampling_strategy": "group_by_length"}),
            'trainer.train_sampling_strategy is "group_by_length"',
        ),
        (
            Sft(batch_size=2, launch=Launch(processes=2, strategy="deepspeed"), trainer={"optim": "adamw_8bit"}),
            'trainer.optim is "adamw_8bit", whose states strategy "deepspeed" cannot cut into parts; use adamw_torch',
        ),
        (
            Sft(batch_size=2, launch=Launch(processes=2, strategy="deepspeed"), compile=True),
            'compile is true, and nothing is compiled with strategy "deepspeed"',
        ),
    ],
)
def test_what_no_machine_can_do_is_refused_by_its_option(stage: Any, words: str) -> None:
    assert any(words in each for each in complaints(stage)), list(stage.check())


@pytest.mark.parametrize("kind", [Sft, Dpo, Grpo])
def test_what_can_be_is_not_refused(kind: Any) -> None:
    stage = kind(batch_size=8, launch=Launch(processes=4))
    assert complaints(stage) == []
    assert misfits(stage, machine(devices=4)) == {}


def test_more_processes_than_devices_are_refused() -> None:
    found = misfits(Sft(batch_size=8, launch=Launch(processes=4)), machine(devices=2))
    assert found == {"launch.processes": "4 processes need as many devices; this machine has 2 devices"}


def test_on_a_cpu_there_may_be_as_many_processes_as_one_likes() -> None:
    assert misfits(Sft(batch_size=8, launch=Launch(processes=4)), machine("cpu")) == {}


def test_packed_rows_cannot_be_proven_apart_where_no_device_has_the_whole_model() -> None:
    stage = Sft(batch_size=2, packing=True, launch=Launch(processes=2, strategy="fsdp2"))
    assert list(misfits(stage, machine(devices=2))) == ["launch.strategy"]
    assert misfits(stage, machine("cpu")) == {}


def test_deepspeed_wants_to_be_there_and_to_compute_in_what_goes_on_exactly() -> None:
    stage = Sft(batch_size=2, packing=True, launch=Launch(processes=2, strategy="deepspeed"))
    described = evolve(machine(devices=2), here=False)
    assert misfits(stage, described) == {}  # nobody can know what is installed there
    without = misfits(stage, evolve(described, requirements=("torch",)))
    assert without["launch.strategy"].endswith('its environment has no deepspeed: add "deepspeed" to the requirements')
    half = Sft(batch_size=2, precision="float16", launch=stage.launch)
    assert "this computes in fp16" in misfits(half, described)["launch.strategy"]


def test_apple_s_gpu_is_for_one_process() -> None:
    assert list(misfits(Sft(batch_size=2, launch=Launch(processes=2)), machine("mps"))) == ["launch.processes"]


@pytest.mark.parametrize("engine", ["mlx", "unsloth"])
def test_engines_of_one_process_refuse_several(engine: str) -> None:
    found = misfits(Sft(batch_size=2, engine=engine, launch=Launch(processes=2)), machine("cpu"))
    assert found["launch.processes"] == f"engine {engine} trains in one process; say 1"


def test_one_process_keeps_to_one_device_of_several() -> None:
    @dataclass
    class Seeing:  # stands for transformers' arguments on a machine of four GPUs, which cannot be had here
        lr: float = 0.0
        _n_gpu: int = field(default=4, init=False)

        @property
        def n_gpu(self) -> int:
            return self._n_gpu

    assert build(Seeing, {"lr": 1.0}, {}).n_gpu == 1


def test_the_processes_share_the_threads() -> None:
    policy = Policy("cpu", "float32", {"*": "eager"}, threads=6)
    assert [share(policy, processes).threads for processes in (1, 2, 4, 8)] == [6, 3, 1, 1]


@pytest.mark.parametrize("divided", [1, 2])
def test_means_of_the_parts_of_several_processes_weigh_as_one_process_s_means(divided: int) -> None:
    losses = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0]  # one batch of four rows and one of three
    expected = (math.fsum(losses[:4]) / 4 + math.fsum(losses[4:]) / 3) / 2
    size = 2 // divided  # rows of a process at once
    steps = range(0, len(losses), 2 * size)
    parts = [[losses[at + rank * size : at + (rank + 1) * size] for at in steps] for rank in range(2)]
    everyone = [[len(piece) for piece in mine] for mine in parts]
    shares = []
    for mine, rows in zip(parts, everyone, strict=True):
        means = [math.fsum(piece) / max(len(piece), 1) for piece in mine]
        factors = weights(rows, divided, everyone)
        shares.append(math.fsum(mean * factor for mean, factor in zip(means, factors, strict=True)) / len(mine))
    assert math.fsum(shares) / 2 == pytest.approx(expected)


def test_a_trainer_of_one_process_is_the_library_s_own() -> None:
    from stagerun_stages.train.filling import with_others

    assert with_others(dict) is dict
