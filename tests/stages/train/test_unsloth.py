"""Engine unsloth as far as it goes without Unsloth, which needs an NVIDIA GPU: what it is refused, given, and held to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from attrs import evolve
from planned import refusal
from workshop import Workshop

from stagerun import Hardware, Policy, Probe, StageError
from stagerun.testing import run_stage
from stagerun.worker.plain import PlainBackend
from stagerun_stages.data.pack import Pack
from stagerun_stages.models.lora import Targets, find_targets, lora_config
from stagerun_stages.train import unsloth
from stagerun_stages.train.arguments import build
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

POLICY = Policy("cuda", "bfloat16", {"gpt_oss": "flex_attention", "*": "sdpa"})
H100 = Hardware("cuda", Probe(True, "NVIDIA H100 80GB HBM3", facts={"bf16": True, "fp8": True}), POLICY)
OWN = evolve(H100, requirements=("unsloth", "stagerun-stages", "stagerun-backends"))


class Known:
    """Stands for the stage that makes the model."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def architecture(self) -> dict:
        return {"model_type": self.kind}


def refused(machine: Hardware, kind: str = "llama", train: object = None, **options: object) -> dict[str, str]:
    return dict(Sft(engine="unsloth", **options).fits({"model": Known(kind), "train": train}, machine))


def test_it_needs_an_environment_of_its_own_and_the_lines_to_add_are_told() -> None:
    told = refused(H100)["engine"]
    assert 'write environment = "unsloth" beside uses' in told
    assert 'requirements = ["unsloth", "stagerun-stages", "stagerun-backends"]' in told
    assert refused(OWN) == {}


def test_an_environment_that_does_not_name_it_is_refused() -> None:
    assert 'add "unsloth" to the requirements' in refused(evolve(H100, requirements=("six",)))["engine"]
    assert refused(evolve(H100, requirements=())) == {}  # an interpreter that the user looks after


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"kernels": "liger"}, "kernels"),
        ({"compile": True}, "compile"),
        ({"attention": "sdpa"}, "attention"),
        ({"precision": "fp8"}, "precision"),
        ({"lora": Lora(use_dora=True)}, "lora.use_dora"),
    ],
)
def test_what_it_does_by_itself_or_not_at_all_is_refused_by_its_option(options, option) -> None:
    assert option in refused(OWN, **options)


def test_it_needs_an_nvidia_gpu() -> None:
    laptop = Hardware("cpu", Probe(True, "a CPU"), Policy("cpu", "float32", {"*": "sdpa"}), requirements=("unsloth",))
    assert 'needs an NVIDIA GPU, not a CPU; say engine = "trl"' in refused(laptop)["engine"]


@pytest.mark.parametrize("given", [{"packing": True}, {"train": Pack(length=64)}])
def test_packed_rows_of_gpt_oss_are_refused(given) -> None:
    assert any("cannot keep the conversations" in text for text in refused(OWN, "gpt_oss", **given).values())
    assert refused(OWN, **given) == {}


def test_feed_forward_by_pieces_is_for_this_engine() -> None:
    assert refused(OWN, tiled_mlp=True) == {}


def test_the_plan_refuses_with_the_line_of_the_option(workshop: Workshop) -> None:
    told = refusal(workshop, 'with.engine = "unsloth"')
    assert "p.toml:5" in told
    assert "[PIPELINE.environments.unsloth]" in told


def test_where_it_cannot_be_loaded_the_stage_says_so_before_anything_else(model, data, rows, tmp_path: Path) -> None:
    with pytest.raises(StageError, match='engine is "unsloth", and it cannot be loaded here') as raised:
        run_stage(Sft(engine="unsloth"), tmp_path / "run", {"model": model("llama"), "train": data(rows(2))})
    assert "[PIPELINE.environments.unsloth]" in str(raised.value.todo)


def test_no_expert_is_adapted_unless_asked_for() -> None:
    given = unsloth.adapter(Sft(), Targets(("q_proj",), ()), 3)
    assert given["target_parameters"] == []  # None would let it choose
    assert given["random_state"] == 3


def test_names_of_older_libraries_are_used_where_ours_are_not_known() -> None:
    @dataclass
    class Older:
        gradient_checkpointing: bool = False
        seed: int = 0

    assert build(Older, {"activation_checkpointing": True, "seed": 1}, {}) == Older(gradient_checkpointing=True, seed=1)


class Ctx:
    """Takes proofs as a stage's context does."""

    def prove(self, name: str, passed: bool, **evidence: object) -> None:
        if not passed:
            raise StageError(f"{name}: {evidence}")


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # PEFT's, in transformers
@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_what_is_adapted_is_held_against_what_was_asked(kind: str, model) -> None:
    from peft import get_peft_model

    from stagerun_stages.models.loading import load_base

    lora = Lora(rank=4, experts=kind == "gpt_oss")
    net = load_base(model(kind), PlainBackend().policy())
    targets = find_targets(net, lora)
    adapted = get_peft_model(net, lora_config(lora, targets))
    unsloth.prove_asked(Ctx(), adapted, targets)
    with pytest.raises(StageError, match="'extra': \\['o_proj'\\]"):
        unsloth.prove_asked(Ctx(), adapted, evolve(targets, modules=tuple(set(targets.modules) - {"o_proj"})))
    with pytest.raises(StageError, match="'lacking': \\['fc1'\\]"):
        unsloth.prove_asked(Ctx(), adapted, evolve(targets, modules=(*targets.modules, "fc1")))
