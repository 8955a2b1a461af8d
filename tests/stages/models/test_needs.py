"""What the formula says of models that were never loaded, and what changes it."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import Artifact, Estimate, Policy
from stagerun.plan.origins import Origins
from stagerun_stages.models import needs
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Lora, Training
from stagerun_stages.train.sft import Sft

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
EXPERTS = Lora(rank=16, targets=ATTENTION, experts=True)
CUDA = Policy(device="cuda", dtype="bfloat16", attention={"gpt_oss": "flex_attention", "*": "sdpa"})
GPT_OSS, QWEN = "openai/gpt-oss-20b", "Qwen/Qwen2.5-7B-Instruct"


def estimated(options: Training, name: str = GPT_OSS, policy: Policy = CUDA, **more: Any) -> Estimate:
    origins = Origins({"model": Artifact("model", name, f"hub:{name}")})
    vars(origins).update(more)
    found = options.estimate(origins, policy)
    assert found is not None
    return found


def test_what_stands_all_the_time_is_weights_adapter_and_two_moments() -> None:
    found = estimated(Sft(lora=EXPERTS, max_length=2048, gradient_checkpointing=True))
    trained = 31_850_496 / 4 + 176_947_200  # of the measured table: attention at rank 16, experts at rank 16
    assert found.memory["weights"] == 2 * 20_914_757_184
    assert found.memory["adapter"] == pytest.approx(4 * trained, rel=1e-3)
    assert found.memory["optimizer"] == pytest.approx(8 * trained, rel=1e-3)


def test_deepspeed_shares_out_the_optimizer_and_each_process_has_all_of_the_model() -> None:
    alone, one_of_four = (
        estimated(Sft(lora=EXPERTS, batch_size=4, micro_batch=1, launch=Launch(processes=count, strategy="deepspeed")))
        for count in (1, 4)
    )
    assert one_of_four.memory["weights"] == alone.memory["weights"]
    copied = alone.memory["adapter"]  # in float32, of which a process steps its part
    assert one_of_four.memory["optimizer"] == pytest.approx((alone.memory["optimizer"] + copied) / 4)


def test_the_memory_is_that_of_the_worst_moment_and_the_moment_is_named() -> None:
    found = estimated(Sft(max_length=8192))
    assert found.peak in found.phases
    assert found.memory_bytes == pytest.approx(max(found.phases.values()))
    assert found.phases[found.peak] == max(found.phases.values())


def test_the_logits_are_never_there_as_a_whole() -> None:
    found = needs.of_shape(shape(), Sft(max_length=32768, gradient_checkpointing=True), {}, CUDA)
    assert found.phases["the loss"] < found.phases["the optimizer's step"] + 10e9
    whole = 32768 * 201_088 * 2
    assert whole > 13e9


def shape() -> Any:
    from stagerun_stages.models.known import KNOWN
    from stagerun_stages.models.shapes import shape_of

    return shape_of(KNOWN[GPT_OSS])


@pytest.mark.parametrize(
    "more",
    [
        {"gradient_checkpointing": True},
        {"micro_batch": 1},
        {"max_length": 4096},
        {"lora": Lora(rank=8, targets=ATTENTION, experts=True)},
        {"lora": Lora(rank=16, targets=ATTENTION)},
        {"trainer": {"optim": "adamw_8bit"}},
    ],
)
def test_each_thing_that_saves_memory_makes_the_estimate_smaller(more: dict[str, Any]) -> None:
    given: dict[str, Any] = {"lora": EXPERTS, "max_length": 8192, "batch_size": 4}
    assert estimated(Sft(**{**given, **more})).memory_bytes < estimated(Sft(**given)).memory_bytes


def test_weights_in_4_bits_are_a_third_of_those_in_16() -> None:
    plain, packed = (estimated(Sft(quantize=kind), QWEN).memory["weights"] for kind in ("none", "4bit"))
    assert plain == 2 * 7_615_616_512
    assert 0.3 < packed / plain < 0.4  # embeddings and head stay as they are


def test_a_preference_is_two_rows_and_an_adapter_that_is_continued_is_there_twice() -> None:
    options = Dpo(lora=EXPERTS, max_length=2048, gradient_checkpointing=True)
    fresh, continued = estimated(options), estimated(options, adapters=frozenset({"model"}))
    assert continued.memory["adapter"] == 2 * fresh.memory["adapter"]
    one, two = (estimated(one(max_length=2048), QWEN).memory["activations"] for one in (Sft, Dpo))
    assert two > 1.8 * one


def test_all_answers_of_a_step_are_generated_at_once_unless_steps_per_generation_says_less() -> None:
    given: dict[str, Any] = {"max_length": 4096, "max_completion_length": 2048, "generations": 4, "accumulation": 16}
    all_, four = Grpo(**given), Grpo(**given, trainer={"steps_per_generation": 4})
    assert (all_.generates[0], four.generates[0]) == (16, 4)
    whole, less = (estimated(one, QWEN).phases["writing answers"] for one in (all_, four))
    keys = 2 * 28 * 512 * 4096 * 2  # layers, width of keys, tokens, bytes
    assert whole - less > 12 * keys


def test_eager_attention_reads_long_prompts_in_chunks_or_not_at_all() -> None:
    eager = Policy(device="cuda", dtype="bfloat16", attention={"*": "flex_attention"}, generation={"gpt_oss": "eager"})
    given: dict[str, Any] = {"max_length": 32768, "max_completion_length": 4096, "generations": 4, "batch_size": 4}
    whole = estimated(Grpo(**given), policy=eager).phases["reading the prompts of answers"]
    chunked = Grpo(**given, trainer={"generation_kwargs": {"prefill_chunk_size": 128}})
    assert whole > 500e9
    assert estimated(chunked, policy=eager).phases["reading the prompts of answers"] < 80e9


def test_keys_of_sliding_layers_stop_growing_at_their_window() -> None:
    given: dict[str, Any] = {
        "max_completion_length": 4096,
        "generations": 4,
        "batch_size": 4,
        "gradient_checkpointing": True,
    }
    short, long = (estimated(Grpo(max_length=length, **given)).phases["writing answers"] for length in (8192, 16384))
    full = 2 * 12 * 512 * 8192 * 4 * 2  # of the 24 layers 12 see everything
    assert long - short == pytest.approx(full, rel=0.2)


def test_held_out_questions_count_where_there_are_any() -> None:
    assert "writing held-out answers" not in estimated(Sft(), QWEN).phases
    assert "writing held-out answers" in estimated(Sft(), QWEN, given=frozenset({"heldout"})).phases


def test_merging_takes_the_weights_and_one_stack_of_experts_at_a_time() -> None:
    found = needs.of_weights(Artifact("model", GPT_OSS, "hub:x"), CUDA)
    assert found is not None
    assert found.memory["weights"] == 2 * 20_914_757_184
    assert found.memory["a matrix being merged"] == 32 * 2880 * 5760 * 10
