"""What cannot work is refused while planning, by its option, with what would: on any machine, and on the one planned for.

The machines are told as their makers' specifications have them; nothing of them is needed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from planned import refusal
from workshop import Workshop

from stagerun import Hardware, Policy, Probe
from stagerun_stages.data.pack import Pack
from stagerun_stages.train import kernels, packages
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

ATTENTION = {"gpt_oss": "flex_attention", "*": "sdpa"}


class Known:
    """Stands for the stage that makes the model; the plan asks it for its configuration."""

    def __init__(self, **config: Any) -> None:
        self.config = config

    def architecture(self) -> dict[str, Any]:
        return self.config


LLAMA = Known(model_type="llama")
GPT_OSS = Known(model_type="gpt_oss", num_local_experts=32)


def nvidia(device: str, capability: str, *, bf16: bool, fp8: bool) -> Hardware:
    facts = {"compute_capability": capability, "bf16": bf16, "fp8": fp8}
    policy = Policy("cuda", "bfloat16" if bf16 else "float16", ATTENTION, generation={"gpt_oss": "eager"})
    return Hardware("cuda", Probe(True, device, facts=facts), policy)


H100 = nvidia("NVIDIA H100 80GB HBM3", "9.0", bf16=True, fp8=True)
A100 = nvidia("NVIDIA A100-SXM4-80GB", "8.0", bf16=True, fp8=False)
T4 = nvidia("Tesla T4", "7.5", bf16=False, fp8=False)
LAPTOP = Hardware(
    "cpu", Probe(True, "a CPU", facts={"bf16": False, "fp8": False}), Policy("cpu", "float32", {"*": "sdpa"})
)
M4 = Hardware("mps", Probe(True, "Apple M4", facts={"bf16": True}), Policy("mps", "bfloat16", {"*": "sdpa"}))


@pytest.fixture(autouse=True)
def _everything_is_installed(monkeypatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _: object())
    monkeypatch.setattr(kernels, "known_to_liger", lambda: kernels.LIGER)


def refused(
    machine: Hardware, model: Known = LLAMA, train: Any = None, stage: type = Sft, **options: Any
) -> dict[str, str]:
    return dict(stage(**options).fits({"model": model, "train": train}, machine))


@pytest.mark.parametrize(
    ("machine", "options", "option", "expected"),
    [
        (T4, {"precision": "bfloat16"}, "precision", 'Tesla T4 has none; "float16" works there'),
        (LAPTOP, {"precision": "bfloat16"}, "precision", 'a CPU has none; "float32" works there'),
        (LAPTOP, {"precision": "float16"}, "precision", 'does not train on a CPU; "float32" works there'),
        (A100, {"precision": "fp8"}, "precision", "compute capability 8.9 or more (Ada, Hopper, Blackwell)"),
        (M4, {"precision": "fp8"}, "precision", "Apple M4 has none: FP8 takes an NVIDIA GPU"),
        (M4, {"quantize": "4bit"}, "quantize", 'bitsandbytes has no code on Apple M4 (mps); "none" works there'),
        (LAPTOP, {"kernels": "liger"}, "kernels", 'for NVIDIA GPUs, not a CPU; "none" works there'),
        (M4, {"kernels": "cce"}, "kernels", "for NVIDIA GPUs, not Apple M4"),
        (M4, {"compile": True}, "compile", "for NVIDIA GPUs and CPUs, not mps; set it to false"),
        (LAPTOP, {"attention": "flash_attention_2"}, "attention", 'takes an NVIDIA GPU, not a CPU; "sdpa" works'),
        (A100, {"attention": "flash_attention_3"}, "attention", "has compute capability 8.0, 9.0 is needed"),
        (T4, {"attention": "flash_attention_2"}, "attention", "has compute capability 7.5, 8.0 is needed"),
        (H100, {"tiled_mlp": True}, "tiled_mlp", "tiled_mlp is for engine unsloth, and engine trl has none"),
    ],
)
def test_what_this_machine_cannot_do_is_refused_by_its_option(machine, options, option, expected) -> None:
    found = refused(machine, **options)
    assert list(found) == [option]
    assert expected in found[option]


@pytest.mark.parametrize(
    ("machine", "options"),
    [
        (H100, {"precision": "fp8", "compile": True}),
        (H100, {"kernels": "liger", "attention": "flash_attention_3"}),
        (A100, {"kernels": "cce", "precision": "bfloat16", "attention": "flash_attention_2"}),
        (T4, {"precision": "float16", "quantize": "4bit"}),
        (M4, {"precision": "bfloat16"}),
        (LAPTOP, {"precision": "float32", "quantize": "4bit"}),
    ],
)
def test_what_it_can_do_is_not(machine, options) -> None:
    assert refused(machine, **options) == {}


@pytest.mark.parametrize("name", ["flash_attention_2", "flash_attention_3", "kernels-community/vllm-flash-attn3"])
def test_no_flash_attention_trains_a_model_with_attention_sinks(name: str) -> None:
    found = refused(H100, GPT_OSS, attention=name)["attention"]
    assert found == f'attention is "{name}", whose backward pass has no attention sinks; "flex_attention" works'


def test_nor_does_torchs_own_nor_flex_attention_without_a_gpu() -> None:
    assert "which has no attention sinks" in refused(H100, GPT_OSS, attention="sdpa")["attention"]
    assert 'on a GPU only; "eager" works' in refused(LAPTOP, GPT_OSS, attention="flex_attention")["attention"]
    assert refused(H100, GPT_OSS) == {}


def test_a_backend_that_would_train_it_on_flash_attention_is_refused_too() -> None:
    forced = evolve(H100, policy=evolve(H100.policy, attention={"*": "flash_attention_2"}))
    assert "has no attention sinks" in refused(forced, GPT_OSS)["attention"]


@pytest.mark.parametrize(("option", "value"), [("precision", "fp8"), ("quantize", "4bit")])
def test_experts_are_parameters_and_stay_in_16_bits(option: str, value: str) -> None:
    assert "experts" in refused(H100, GPT_OSS, **{option: value})[option]
    told = list(Sft(lora=Lora(experts=True), **{option: value}).check())
    assert len(told) == 1
    assert "lora.experts trains parameters" in told[0]


def test_an_architecture_that_liger_does_not_know_is_refused() -> None:
    assert (
        'which has none for bloom; "none" works' in refused(H100, Known(model_type="bloom"), kernels="liger")["kernels"]
    )
    assert refused(H100, GPT_OSS, kernels="liger") == {}


@pytest.mark.parametrize(
    ("options", "package"),
    [
        ({"kernels": "liger"}, "liger-kernel"),
        ({"kernels": "cce"}, "cut-cross-entropy"),
        ({"quantize": "4bit"}, "bitsandbytes"),
        ({"precision": "fp8"}, "torchao"),
        ({"attention": "flash_attention_2"}, "flash-attn"),
    ],
)
def test_a_missing_package_is_named_with_how_to_install_it(options, package, monkeypatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    assert f"{package} is not installed: pip install {package}" in next(iter(refused(H100, **options).values()))
    assert refused(evolve(H100, here=False), **options) == {}  # of a machine that is only described nobody knows
    own = evolve(H100, requirements=("six",))
    assert f'has no {package}: add "{package}" to the requirements' in next(iter(refused(own, **options).values()))
    assert refused(evolve(H100, requirements=(f"{package}>=0.1",)), **options) == {}
    assert refused(evolve(H100, requirements=()), **options) == {}  # an interpreter of the user's own


def test_compiling_without_a_compiler_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("stagerun_stages.models.compiling.shutil.which", lambda _: None)
    assert "no C compiler is on the path: install gcc" in refused(LAPTOP, compile=True)["compile"]
    assert refused(evolve(LAPTOP, here=False), compile=True) == {}


@pytest.mark.parametrize("given", [{"packing": True}, {"train": Pack(length=64)}])
def test_packed_rows_are_refused_where_a_state_is_carried_over(given) -> None:
    found = refused(H100, Known(model_type="falcon_h1"), **given)
    assert "carries a state from one document of a packed row to the next" in next(iter(found.values()))
    assert refused(H100, **given) == {}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Sft(kernels="cce", trainer={"use_liger_kernel": True}), "would be two sets of kernels"),
        (Sft(kernels="liger", trainer={"use_liger_kernel": True}), "patches again"),
        (Sft(kernels="cce", compile=True), 'kernels is "cce", which is not compiled'),
        (Dpo(kernels="cce"), "which is for train.sft; use none or liger"),
        (Sft(compile=True, lora=Lora(experts=True)), "they would be compiled again and again"),
        (Sft(precision="fp8", quantize="4bit"), 'precision "fp8" has no 4-bit weights'),
        (Sft(trainer={"bf16": True}), 'trainer sets "bf16"; use precision'),
        (Sft(trainer={"torch_compile": True}), 'trainer sets "torch_compile"; use compile'),
        (Sft(trainer={"model_init_kwargs": {}}), "the stage loads the model, and TRL would ignore it"),
    ],
)
def test_options_that_exclude_each_other_are_refused_on_any_machine(stage, expected) -> None:
    told = list(stage.check())
    assert len(told) == 1
    assert expected in told[0]


def test_liger_says_itself_which_architectures_it_knows(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.undo()
    source = tmp_path / "liger_kernel" / "transformers"
    source.mkdir(parents=True)
    (source.parent / "__init__.py").write_text("raise RuntimeError('it must not be imported')\n")
    (source / "monkey_patch.py").write_text('MODEL_TYPE_TO_APPLY_LIGER_FN = {"llama": 1, "new_one": 2}\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "liger_kernel", raising=False)
    kernels.known_to_liger.cache_clear()
    try:
        assert kernels.known_to_liger() == {"llama", "new_one"}
    finally:
        kernels.known_to_liger.cache_clear()


def test_the_plan_refuses_with_the_line_of_the_option(workshop: Workshop) -> None:
    told = refusal(workshop, 'backend = "cpu"\nwith.kernels = "liger"\nwith.precision = "fp8"')
    assert "p.toml:6" in told
    assert "whose kernels are for NVIDIA GPUs" in told
    assert "p.toml:7" in told
    assert "FP8 takes an NVIDIA GPU" in told
