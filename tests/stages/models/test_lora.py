"""What a LoRA adapter trains is found in the model; what a model is and where it stops is found in its folder."""

from __future__ import annotations

import re

import pytest

from stagerun import Artifact, Policy, StageError
from stagerun_stages.models.loading import load, prepare, revision, stop_ids
from stagerun_stages.models.lora import check_config, expert_names, find_targets, groups, linear_names, lora_config
from stagerun_stages.train.options import Lora

POLICY = Policy(device="cpu", dtype="float32", attention={"*": "eager"}, threads=1)


@pytest.fixture
def loaded(model):
    prepare(POLICY, 0)
    return lambda kind: load(model(kind), POLICY)


def test_every_linear_layer_but_the_head_may_be_adapted(loaded) -> None:
    names = ("down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj")
    assert linear_names(loaded("llama").model) == names
    assert find_targets(loaded("llama").model, Lora()).modules == names


def test_fused_experts_are_parameters_and_are_adapted_only_on_request(loaded) -> None:
    net = loaded("gpt_oss").model
    experts = ("mlp.experts.down_proj", "mlp.experts.gate_up_proj")
    assert expert_names(net) == experts
    assert find_targets(net, Lora()).parameters == ()
    assert find_targets(net, Lora(experts=True)).parameters == experts


def test_named_targets_are_taken_in_one_order(loaded) -> None:
    assert find_targets(loaded("llama").model, Lora(targets=("v_proj", "q_proj", "v_proj"))).modules == (
        "q_proj",
        "v_proj",
    )


MISSPELT = [
    (
        "llama",
        ["q_porj"],
        'lora.targets names "q_porj", which no linear layer of llama is called; did you mean "q_proj"?',
    ),
    ("llama", ["q_proj", "v_porj"], 'names "v_porj", which no linear layer of llama is called; did you mean "v_proj"?'),
    ("llama", ["self_attn.q_proj"], 'names "self_attn.q_proj"; name layers by their last part, "q_proj"'),
    ("llama", ["all-linear"], "name only what is there, or leave targets empty"),
    ("llama", ["lm_head"], 'names "lm_head", which no linear layer of llama is called'),
    ("gpt_oss", ["q_proj", "gate_proj", "up_proj"], 'names "gate_proj", which no linear layer of gpt_oss is called'),
    ("gpt_oss", ["q_proj", "gate_up_proj", "down_proj"], "an expert parameter here; set lora.experts = true instead"),
    ("gpt_oss", ["mlp.experts.gate_up_proj"], "an expert parameter here; set lora.experts = true instead"),
]


@pytest.mark.parametrize(("kind", "targets", "expected"), MISSPELT)
def test_a_target_that_trains_nothing_is_refused_with_the_right_name(kind, targets, expected, loaded) -> None:
    with pytest.raises(StageError, match=re.escape(expected)):
        find_targets(loaded(kind).model, Lora(targets=tuple(targets)))


def test_experts_of_a_model_without_any_are_refused(loaded) -> None:
    with pytest.raises(
        StageError, match="lora.experts is set, and llama has no fused experts; set lora.experts = false"
    ):
        find_targets(loaded("llama").model, Lora(experts=True))


@pytest.mark.parametrize("name", ["target_parameters", "target_modules", "lora_dropout"])
def test_what_is_checked_here_cannot_be_passed_by(name) -> None:
    with pytest.raises(StageError, match=f'lora.peft sets "{name}", which the stage sets itself'):
        check_config(Lora(peft={name: ["mlp.experts.gate_up_projj"]}))


def test_trained_numbers_are_counted_for_each_part_of_the_model(loaded) -> None:
    from peft import get_peft_model

    lora = Lora(rank=4, experts=True)
    net = loaded("gpt_oss").model
    found = groups(get_peft_model(net, lora_config(lora, find_targets(net, lora))))
    attention, experts = 2 * 4 * (32 + 32 + 32 + 16 + 32 + 16 + 32 + 32), 2 * 4 * 4 * (32 + 64 + 32 + 32)
    assert found == {"attention": attention, "experts": experts}
    plain = loaded("llama").model
    assert set(groups(get_peft_model(plain, lora_config(Lora(), find_targets(plain, Lora()))))) == {
        "attention",
        "feed-forward",
    }


def test_an_answer_stops_at_either_of_harmonys_ends(loaded) -> None:
    given = loaded("gpt_oss")
    stops = given.tokenizer.convert_tokens_to_ids(["<|return|>", "<|call|>"])
    assert stop_ids(given.model, given.tokenizer) == sorted(stops)


def test_a_hub_name_is_read_at_the_revision_that_was_planned() -> None:
    assert revision(Artifact("model", "openai/gpt-oss-20b", "hub:openai/gpt-oss-20b@abc")) == "abc"
    assert revision(Artifact("model", "openai/gpt-oss-20b", "hub:openai/gpt-oss-20b")) is None


def test_merging_needs_no_training_library() -> None:
    import subprocess
    import sys

    code = "import sys, stagerun_stages.models.exporting; print(sorted({'trl', 'datasets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
