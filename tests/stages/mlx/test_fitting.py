"""What engine mlx cannot do is refused while planning, by its option; no mlx is needed to know."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from planned import refusal
from workshop import Workshop

from stagerun import Hardware, Policy, Probe
from stagerun_stages.data.pack import Pack
from stagerun_stages.train.engines import engine_of
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Lora

POLICY = Policy(device="cpu", dtype="float32", attention={"*": "sdpa"})


class Known:
    """Stands for the stage that makes the model; the plan asks it for its configuration."""

    def __init__(self, **config: Any) -> None:
        self.config = config

    def architecture(self) -> dict[str, Any]:
        return self.config


def hardware(backend: str = "mlx", **facts: Any) -> Hardware:
    return Hardware(backend, Probe(True, "a test", facts=facts), POLICY)


def complaints(stage: Any, machine: Hardware, **origins: Any) -> dict[str, str]:
    there = [("model", Known(model_type="llama")), *origins.items()]
    return dict(stage.fits(dict(there), machine))


@pytest.fixture(autouse=True)
def _installed(monkeypatch) -> None:
    monkeypatch.setattr("stagerun_stages.mlx.fitting.installed", lambda: True)


def test_the_backend_chooses_the_engine_unless_one_is_named() -> None:
    assert [engine_of("auto", backend) for backend in ("mlx", "mps", "cuda", "cpu")] == ["mlx", "trl", "trl", "trl"]
    assert engine_of("trl", "mlx") == "trl"


def test_a_plain_training_of_a_dense_model_fits(sft) -> None:
    assert complaints(sft(), hardware()) == {}


def test_a_name_that_no_engine_has_is_a_mistake(sft) -> None:
    assert list(sft(engine="mxl").check()) == ['engine is "mxl", which is none; did you mean "mlx"?']


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"packing": True}, "packing"),
        ({"lora": Lora(experts=True)}, "lora.experts"),
        ({"lora": Lora(use_dora=True)}, "lora.use_dora"),
        ({"lora": Lora(loraplus_lr_ratio=4.0)}, "lora.loraplus_lr_ratio"),
        ({"lora": Lora(peft={"init_lora_weights": "pissa"})}, "lora.peft.init_lora_weights"),
        ({"router_balance": 0.1}, "router_balance"),
        ({"early_stopping": {"early_stopping_patience": 3}}, "early_stopping"),
        ({"schedule": "reduce_lr_on_plateau"}, "schedule"),
        ({"trainer": {"neftune_noise_alpha": 5}}, "trainer.neftune_noise_alpha"),
        ({"kernels": "liger"}, "kernels"),
        ({"precision": "bfloat16"}, "precision"),
        ({"compile": True}, "compile"),
        ({"quantize": "4bit"}, "quantize"),
        ({"attention": "flash_attention_2"}, "attention"),
        ({"launch": Launch(processes=2)}, "launch.processes"),
    ],
)
def test_what_it_has_not_is_refused_by_its_option(options, option, sft) -> None:
    assert list(complaints(sft(**options), hardware())) == [option]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "gpt_oss"}, "mlx cannot train gpt_oss: mlx-lm holds its experts in halves"),
        (
            {"model_type": "gemma3"},
            "was not compared with torch on gemma3, only on llama, mistral, qwen2, qwen3, smollm3",
        ),
        ({"model_type": "qwen2", "quantization": {"bits": 4}}, "this model's are quantised; give the plain model"),
    ],
)
def test_a_model_it_cannot_train_is_refused_by_name_with_what_would_do(config, expected, sft) -> None:
    found = complaints(sft(), hardware(), model=Known(**config))
    assert expected in found["engine"]
    assert 'say engine = "trl"' in found["engine"]


def test_a_row_longer_than_the_models_window_is_refused(sft) -> None:
    window = Known(model_type="mistral", sliding_window=512)
    assert "window of 512" in complaints(sft(max_length=513), hardware(), model=window)["max_length"]
    assert complaints(sft(max_length=512), hardware(), model=window) == {}
    unused = Known(model_type="qwen2", sliding_window=512, use_sliding_window=False)
    assert complaints(sft(max_length=513), hardware(), model=unused) == {}


def test_rows_that_a_stage_packs_are_refused(sft) -> None:
    assert list(complaints(sft(), hardware(), train=Pack(length=64))) == ["packing"]


def test_another_backend_is_refused(sft) -> None:
    found = complaints(sft(engine="mlx"), hardware("cuda"))
    assert found == {
        "engine": 'engine mlx needs backend = "mlx", and this stage runs on cuda; say engine = "trl", which trains with torch'
    }


def test_missing_packages_are_named_for_this_machine_but_not_for_one_that_is_only_described(sft, monkeypatch) -> None:
    monkeypatch.setattr("stagerun_stages.mlx.fitting.installed", lambda: False)
    assert "install stagerun-stages[mlx]" in complaints(sft(), hardware())["engine"]
    assert complaints(sft(), evolve(hardware(), here=False)) == {}


def test_an_environment_of_the_stages_own_must_have_them_too(sft) -> None:
    without, with_it, unknown = ("six",), ("stagerun-stages[mlx]",), ()
    assert "engine" in complaints(sft(), evolve(hardware(), requirements=without))
    assert complaints(sft(), evolve(hardware(), requirements=with_it)) == {}
    assert complaints(sft(), evolve(hardware(), requirements=unknown)) == {}


def test_the_plan_refuses_with_the_line_of_the_option(workshop: Workshop, mlx) -> None:
    told = refusal(workshop, 'backend = "mlx"\nwith.packing = true')
    assert "p.toml:6" in told
    assert "no mask that keeps packed conversations apart" in told
