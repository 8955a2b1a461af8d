"""Sizes from a configuration alone agree with the models themselves."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun import Artifact, Policy
from stagerun_stages.models import needs
from stagerun_stages.models.known import KNOWN
from stagerun_stages.models.shapes import config_of, shape_of
from stagerun_stages.tiny.stage import Tiny
from stagerun_stages.tiny.tokenizer import build_tokenizer
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
CPU = Policy(device="cpu", dtype="bfloat16", attention={"*": "eager"})
LAYERS = ["full_attention", "sliding_attention", "full_attention"]
SMALL = {
    "vocab_size": 500,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
}


def on_meta(config: Any) -> Any:
    """The model without memory for its weights."""
    torch = pytest.importorskip("torch")
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config)


@pytest.mark.parametrize("kind", ["llama", "mistral", "qwen2", "qwen3", "gpt_oss"])
@pytest.mark.parametrize("tied", [True, False])
def test_the_count_of_parameters_is_the_models_own(kind: str, tied: bool) -> None:
    from transformers import AutoConfig

    more = {"num_local_experts": 4} if kind == "gpt_oss" else {}
    config = AutoConfig.for_model(kind, **SMALL, **more, tie_word_embeddings=tied)
    shape = shape_of(config.to_dict())
    assert shape is not None
    assert shape.parameters == on_meta(config).num_parameters()


def test_gpt_oss_20b_has_the_published_number_of_parameters_and_adapters_the_measured_ones() -> None:
    shape = shape_of(KNOWN["openai/gpt-oss-20b"])
    assert shape is not None
    assert shape.parameters == 20_914_757_184
    assert needs.trained(shape, Lora(rank=64, targets=ATTENTION)) == {"attention": 31_850_496}
    both = needs.trained(shape, Lora(rank=64, targets=ATTENTION, experts=True))
    assert sum(both.values()) == 739_639_296
    assert sum(needs.trained(shape, Lora(rank=128, targets=ATTENTION, experts=True)).values()) == 1_479_278_592


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("Qwen/Qwen2.5-0.5B-Instruct", 494_032_768),
        ("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512),
        ("Qwen/Qwen2.5-14B", 14_770_033_664),
        ("Qwen/Qwen3-4B", 4_022_468_096),
        ("Qwen/Qwen3-8B", 8_190_735_360),
        ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248),
        ("meta-llama/Llama-3.2-1B", 1_235_814_400),
        ("mistralai/Mistral-7B-Instruct-v0.3", 7_248_023_552),
        ("openai/gpt-oss-120b", 116_829_156_672),
    ],
)
def test_models_known_by_name_have_the_published_number_of_parameters(name: str, published: int) -> None:
    shape = shape_of(KNOWN[name])
    assert shape is not None
    assert shape.parameters == published


def test_only_layers_that_slide_have_a_window() -> None:
    found = {
        name: shape_of(config)
        for name, config in {
            "every second": KNOWN["openai/gpt-oss-20b"],
            "said layer by layer": {**SMALL, "model_type": "gpt_oss", "num_local_experts": 4, "layer_types": LAYERS},
            "switched off": {**SMALL, "model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": False},
            "all": {**SMALL, "model_type": "mistral", "sliding_window": 4096},
            "none": {**SMALL, "model_type": "llama"},
        }.items()
    }
    assert {name: (shape.window, shape.sliding) for name, shape in found.items() if shape} == {
        "every second": (128, 12),
        "said layer by layer": (128, 1),
        "switched off": (0, 0),
        "all": (4096, 3),
        "none": (0, 0),
    }


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # PEFT asks by the old name
def test_the_trained_count_is_what_peft_makes_of_the_tiny_model() -> None:
    from peft import get_peft_model
    from transformers import AutoConfig

    from stagerun_stages.models.lora import find_targets, lora_config

    config = AutoConfig.for_model("gpt_oss", **SMALL, num_local_experts=4)
    model, lora = on_meta(config), Lora(rank=4, targets=ATTENTION, experts=True)
    shape = shape_of(config.to_dict())
    assert shape is not None
    adapted = get_peft_model(model, lora_config(lora, find_targets(model, lora)))
    assert sum(needs.trained(shape, lora).values()) == adapted.get_nb_trainable_parameters()[0]


def test_an_unknown_architecture_gives_no_estimate_instead_of_a_guess() -> None:
    assert shape_of({"model_type": "mamba"}) is None
    assert needs.of_training(Sft(), {"model": Artifact("model", "some/thing", "hub:some/thing")}, CPU) is None


def test_the_tiny_model_says_its_architecture_before_it_is_made() -> None:
    config = config_of(Tiny())
    assert config is not None
    shape = shape_of(config)
    assert shape is not None
    assert shape.parameters == 414_000
    assert shape.vocabulary == len(build_tokenizer())


def test_recomputation_and_attention_without_scores_need_less() -> None:
    base = {"model": Artifact("model", "openai/gpt-oss-20b", "hub:openai/gpt-oss-20b")}
    flex = Policy(device="cuda", dtype="bfloat16", attention={"*": "flex_attention"})
    plain, eager = Sft(max_length=4096), Sft(max_length=4096, gradient_checkpointing=True)
    found = [
        needs.of_training(plain, base, CPU),
        needs.of_training(eager, base, CPU),
        needs.of_training(eager, base, flex),
    ]
    sizes = [one.memory["activations"] for one in found if one]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
