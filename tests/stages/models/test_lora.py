"""What a LoRA adapter trains is found in the model; what a model is and where it stops is found in its folder."""

from __future__ import annotations

import pytest

from stagerun import Artifact, Policy
from stagerun_stages.models.loading import load, prepare, revision, stop_ids
from stagerun_stages.models.lora import expert_names, find_targets, linear_names
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
