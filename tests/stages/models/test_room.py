"""Whether a training fits a device, and what is advised and refused when it does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import evolve

from stagerun import Artifact, Hardware, Policy, Probe
from stagerun.plan.origins import Origins
from stagerun_stages.models.room import of_training, too_large
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Evaluation, Lora, Training
from stagerun_stages.train.sft import Sft

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
LARGE = Lora(rank=128, targets=ATTENTION, experts=True)
GPT_OSS = {"model": Artifact("model", "openai/gpt-oss-20b", "hub:openai/gpt-oss-20b")}
QWEN = {"model": Artifact("model", "Qwen/Qwen2.5-7B-Instruct", "hub:Qwen/Qwen2.5-7B-Instruct")}


def device(memory_gb: float, name: str = "NVIDIA H100 80GB HBM3") -> Hardware:
    """A GPU as its published specification has it; none is here."""
    policy = Policy(
        device="cuda",
        dtype="bfloat16",
        attention={"gpt_oss": "flex_attention", "*": "sdpa"},
        generation={"gpt_oss": "eager"},
    )
    return Hardware("cuda", Probe(True, name, memory_gb=memory_gb), policy)


ANSWERS: dict[str, Any] = {"max_length": 65536, "max_completion_length": 16384, "generations": 4, "accumulation": 16}
H100, SMALL = device(79.6), device(16.0, "a small GPU")


def refused(options: Training, origins: dict[str, Any], hardware: Hardware) -> str:
    ((option, complaint),) = too_large(options, origins, hardware)
    assert option == "max_length"
    return complaint


def test_the_largest_number_of_rows_that_fits_divides_the_batch() -> None:
    options = Sft(max_length=4096, batch_size=12, gradient_checkpointing=True)
    found = of_training(options, QWEN, device(24.0))
    assert found is not None
    assert found.asked == 12
    assert 0 < found.largest < 12
    assert 12 % found.largest == 0


def test_rows_that_all_fit_are_all_taken() -> None:
    found = of_training(Sft(max_length=1024, batch_size=4), QWEN, H100)
    assert found is not None
    assert (found.asked, found.largest, found.advice) == (4, 4, ())


def test_65536_tokens_that_cannot_fit_are_refused_with_what_would() -> None:
    options = Grpo(lora=LARGE, **ANSWERS)
    told = refused(options, GPT_OSS, H100)
    assert told.startswith("one row of 65536 tokens takes ")
    assert "NVIDIA H100 80GB HBM3 has 85.5 GB" in told
    assert "what would fit: " in told


def test_the_length_that_is_advised_fits_and_a_longer_one_does_not() -> None:
    hardware = device(40.0)
    found = of_training(Sft(max_length=32768), QWEN, hardware)
    assert found is not None
    assert found.largest == 0
    (length,) = [int(one.rpartition(" = ")[2]) for one in found.advice if one.startswith("max_length")]
    again, longer = (of_training(Sft(max_length=some), QWEN, hardware) for some in (length, length + 256))
    assert again is not None
    assert longer is not None
    assert (again.largest, longer.largest) == (1, 0)


def test_changes_that_do_not_help_alone_are_advised_together() -> None:
    options = Grpo(lora=LARGE, gradient_checkpointing=True, **ANSWERS)
    found = of_training(options, GPT_OSS, H100)
    assert found is not None
    together = found.advice[-1]
    assert together.startswith(
        "trainer.steps_per_generation = 4 with trainer.generation_kwargs.prefill_chunk_size = 256 with "
    )


def test_where_rows_fit_one_by_one_nothing_is_refused() -> None:
    options = Sft(max_length=2048, batch_size=64, gradient_checkpointing=True)
    assert list(too_large(options, QWEN, device(24.0))) == []


def test_a_model_whose_weights_alone_are_too_large_gets_no_length_as_advice_but_the_size_of_a_base() -> None:
    told = refused(Sft(lora=LARGE, max_length=8192, gradient_checkpointing=True), GPT_OSS, SMALL)
    assert re.search(r"what would fit: a base of up to about \d\.\dB parameters, such as \S+-Instruct$", told)


def test_the_base_that_is_advised_fits_and_is_the_largest_of_its_kind() -> None:
    options = Sft(max_length=2048, gradient_checkpointing=True)
    hardware = evolve(device(9.0), backend="mps", policy=evolve(device(9.0).policy, device="mps"))  # no 4 bits there
    assert refused(options, QWEN, hardware).endswith(", such as Qwen/Qwen2.5-3B-Instruct")
    for size, rows in (("3B", 1), ("7B", 0)):
        name = f"Qwen/Qwen2.5-{size}-Instruct"
        found = of_training(options, {"model": Artifact("model", name, f"hub:{name}")}, hardware)
        assert found is not None
        assert found.largest == rows


def test_a_device_that_holds_no_base_at_all_gets_no_advice() -> None:
    told = refused(Sft(max_length=2048, quantize="4bit"), QWEN, device(0.1))
    assert told.endswith("nothing smaller that is known here fits it either")


def test_four_bits_and_a_shorter_row_are_advised_together_and_nothing_that_adds_little() -> None:
    told = refused(Sft(max_length=32768, gradient_checkpointing=True), QWEN, device(12.0))
    (advice,) = re.findall(r'what would fit: quantize = "4bit" with max_length = (\d+)$', told)
    shorter = Sft(max_length=int(advice), gradient_checkpointing=True, quantize="4bit")
    found = of_training(shorter, QWEN, device(12.0))
    assert found is not None
    assert found.largest == 1


@pytest.mark.parametrize("hardware", [device(0.0), H100])
def test_nothing_is_said_of_an_unknown_device_or_model(hardware: Hardware) -> None:
    unknown = {"model": Artifact("model", "some/thing", "hub:some/thing")}
    origins = unknown if hardware.probe.memory_gb else QWEN
    assert of_training(Sft(max_length=10**6), origins, hardware) is None
    assert list(too_large(Sft(max_length=10**6), origins, hardware)) == []


def test_held_out_questions_that_are_too_many_at_once_are_not_refused_but_advised_to_be_fewer() -> None:
    origins = Origins(QWEN)
    origins.given = frozenset({"heldout"})
    options = Sft(max_length=1024, gradient_checkpointing=True, evaluation=Evaluation(batch_size=512))
    found = of_training(options, origins, device(24.0))
    assert found is not None
    assert found.advice[0] == "evaluation.batch_size = 1"
    assert list(too_large(options, origins, device(24.0))) == []


def cpu(memory_gb: float) -> Hardware:
    policy = Policy(device="cpu", dtype="float32", attention={"*": "sdpa"})
    return Hardware("cpu", Probe(True, "some CPU", memory_gb=memory_gb), policy)


SMALLER = {"model": Artifact("model", "Qwen/Qwen2.5-1.5B", "hub:Qwen/Qwen2.5-1.5B")}


@pytest.mark.parametrize("strategy", ["ddp", "fsdp2"])
def test_processes_that_share_a_cpu_are_all_counted_and_those_on_gpus_are_not(strategy: Any) -> None:
    one = Sft(max_length=512, batch_size=4, micro_batch=1)
    two = evolve(one, launch=Launch(processes=2, strategy=strategy))
    taken = {}
    for name, hardware in (("cpu", cpu(64.0)), ("cuda", H100)):
        alone, together = (each.estimate(SMALLER, hardware.policy) for each in (one, two))
        assert alone is not None
        assert together is not None
        taken[name] = together.memory["activations"] / alone.memory["activations"]
        assert max(together.phases.values()) == pytest.approx(together.memory_bytes)
    assert taken == {"cpu": pytest.approx(2.0), "cuda": pytest.approx(1.0)}


def test_processes_that_do_not_fit_together_are_refused_with_the_number_that_does() -> None:
    options = Sft(max_length=512, batch_size=4, launch=Launch(processes=4))
    told = refused(options, SMALLER, cpu(24.0))
    assert told.startswith("one row of 512 tokens in each of 4 processes takes ")
    assert "what would fit: launch.processes = 2" in told
    assert list(too_large(evolve(options, launch=Launch(processes=2)), SMALLER, cpu(24.0))) == []
