"""A whole training by engine unsloth, with a stand-in for Unsloth: rows, proofs and checkpoints are ours whatever loads a model.

The stand-in has the two functions that are called, with the parameters of unsloth 2026.10 (`FastLanguageModel` in its
models/loader.py and models/llama.py), over transformers and PEFT. It says nothing about Unsloth's kernels, which need a GPU; it
shows that its known faults would be seen.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from safetensors.torch import load_file

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft


class FastLanguageModel:
    """What of Unsloth is called."""

    fault = ""

    @staticmethod
    def from_pretrained(
        model_name: str,
        max_seq_length: int,
        dtype: Any,
        load_in_4bit: bool,
        load_in_16bit: bool,
        revision: str | None,
        use_exact_model_name: bool,
        fix_tokenizer: bool,
        trust_remote_code: bool,
        use_gradient_checkpointing: object,
        random_state: int,
        unsloth_tiled_mlp: bool,
    ) -> tuple[Any, Any]:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        net = AutoModelForCausalLM.from_pretrained(model_name, dtype=dtype, attn_implementation="eager")
        if FastLanguageModel.fault == "it reads the padding":
            whole = net.generate

            def generate(**named: Any) -> Any:
                return whole(**{**named, "attention_mask": named["attention_mask"] * 0 + 1})

            net.generate = generate
        return net, AutoTokenizer.from_pretrained(model_name)

    @staticmethod
    def get_peft_model(
        model: Any,
        r: int,
        lora_alpha: float,
        lora_dropout: float,
        use_rslora: bool,
        target_modules: list[str],
        target_parameters: list[str],
        use_gradient_checkpointing: object,
        random_state: int,
    ) -> Any:
        from peft import LoraConfig, get_peft_model

        if FastLanguageModel.fault == "it leaves experts out":
            target_parameters = []
        if FastLanguageModel.fault == "it adapts experts unasked":
            target_parameters = ["mlp.experts.down_proj"]
        config = LoraConfig(
            r=r, lora_alpha=lora_alpha, target_modules=target_modules, target_parameters=target_parameters or None
        )
        made = get_peft_model(model, config)
        if FastLanguageModel.fault == "it saves less than it trains":
            whole = made.save_pretrained

            def save(folder: str, **named: Any) -> None:
                from safetensors.torch import save_file

                whole(folder, **named)
                file = Path(folder) / "adapter_model.safetensors"
                save_file(
                    {name: each for name, each in load_file(str(file)).items() if "k_proj" not in name}, str(file)
                )

            made.save_pretrained = save
        return made


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch) -> None:
    module: Any = ModuleType("unsloth")
    module.FastLanguageModel = FastLanguageModel
    monkeypatch.setitem(sys.modules, "unsloth", module)
    monkeypatch.setattr(FastLanguageModel, "fault", "")
    for name in ("UNSLOTH_COMPILE_LOCATION", "UNSLOTH_DISABLE_STATISTICS"):
        monkeypatch.setenv(name, "set")


def sft(kind: str = "llama", engine: str = "unsloth", **options: object) -> Sft:
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    given = {"lora": lora, "learning_rate": 1e-2, "max_steps": 4, "batch_size": 2, "save_steps": 2, **options}
    return Sft(engine=engine, **given)


def proofs(done: Any) -> dict[str, dict[str, Any]]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


@pytest.mark.parametrize("kind", [pytest.param("llama", marks=pytest.mark.slow), "gpt_oss"])  # experts are the harder
def test_it_trains_on_the_same_rows_with_the_same_proofs_and_files(kind, model, data, rows, tmp_path: Path) -> None:
    inputs = {"model": model(kind), "train": data(rows(8))}
    done = run_stage(sft(kind), tmp_path / "unsloth", inputs)
    plain = run_stage(sft(kind, engine="trl"), tmp_path / "trl", inputs)
    assert proofs(done).keys() == proofs(plain).keys() | {"adapted as asked", "left padding"}
    assert proofs(done)["targets"] == proofs(plain)["targets"]
    assert done.metrics["rows"] == plain.metrics["rows"]
    assert done.metrics["first_loss"] == pytest.approx(plain.metrics["first_loss"], rel=1e-6)
    assert done.metrics["loss"] < done.metrics["first_loss"]
    files = [one.outputs["adapter"].path / "adapter_model.safetensors" for one in (done, plain)]
    assert list(load_file(str(files[0]))) == list(load_file(str(files[1])))


def test_a_resumed_run_gives_the_same_bytes(model, data, rows, tmp_path: Path, dying_at, same_run) -> None:
    inputs = {"model": model("llama"), "train": data(rows(8))}
    run_stage(sft(), tmp_path / "whole", inputs)
    with dying_at(4):
        run_stage(sft(), tmp_path / "cut", inputs)
    run_stage(sft(), tmp_path / "cut", inputs)
    same_run(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize(
    ("kind", "lora", "fault", "proof"),
    [
        ("gpt_oss", Lora(rank=4, experts=True), "it leaves experts out", "adapted as asked"),
        ("gpt_oss", Lora(rank=4), "it adapts experts unasked", "adapted as asked"),
        ("llama", Lora(rank=4), "it reads the padding", "left padding"),
        ("llama", Lora(rank=4), "it saves less than it trains", "saved adapter"),
    ],
)
def test_each_of_its_known_faults_ends_the_training(
    kind, lora, fault, proof, model, data, rows, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(FastLanguageModel, "fault", fault)
    stage = sft(kind, lora=lora, max_steps=1, save_steps=0)
    with pytest.raises(StageError, match=proof):
        run_stage(stage, tmp_path / "run", {"model": model(kind), "train": data(rows(4))})


def test_an_adapter_is_not_continued(model, data, rows, tmp_path: Path) -> None:
    train = data(rows(4))
    first = run_stage(sft(engine="trl", max_steps=1), tmp_path / "first", {"model": model("llama"), "train": train})
    with pytest.raises(StageError, match="engine unsloth does not continue an adapter"):
        run_stage(sft(), tmp_path / "second", {"model": first.outputs["adapter"], "train": train})
