"""What training does on an NVIDIA GPU and cannot be shown without one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore")]


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed")


def trained(cuda: Any, model: Any, talks: Any, root: Path, **options: Any) -> Any:
    given = {"lora": Lora(rank=16), "learning_rate": 1e-3, "max_steps": 4, "batch_size": 2, "compile": False, **options}
    return run_stage(Sft(**given), root, {"model": model, "train": talks}, backend=cuda)


def proofs(done: Any) -> dict[str, dict[str, Any]]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


@needs("torchao")
def test_fp8_is_in_force_in_the_layers_of_the_base(cuda, tiny, talks, tmp_path: Path) -> None:
    if not cuda.probe().facts["fp8"]:
        pytest.skip(f"{cuda.probe().device} has no FP8")
    done = trained(cuda, tiny("llama"), talks, tmp_path / "run", precision="fp8", compile=True)
    assert proofs(done)["fp8"] == {"mixed_precision": "fp8", "layers": 14}
    assert done.metrics["loss"] < done.metrics["first_loss"]


@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_compiled_layers_train_alike_and_save_under_the_same_names(kind, cuda, tiny, talks, tmp_path: Path) -> None:
    model = tiny(kind)
    plain = trained(cuda, model, talks, tmp_path / "plain")
    done = trained(cuda, model, talks, tmp_path / "compiled", compile=True)
    assert done.metrics["loss"] == pytest.approx(plain.metrics["loss"], rel=0.02)
    files = [one.outputs["adapter"].path / "adapter_model.safetensors" for one in (plain, done)]
    assert list(load_file(files[0])) == list(load_file(files[1]))


@needs("liger_kernel")
@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_ligers_layers_train_alike(kind, cuda, tiny, talks, tmp_path: Path) -> None:
    model = tiny(kind)
    plain = trained(cuda, model, talks, tmp_path / "plain")
    done = trained(cuda, model, talks, tmp_path / "liger", kernels="liger")  # stays patched, so it comes last
    assert proofs(done)["liger"]["layers"] > 0
    assert done.metrics["first_loss"] == pytest.approx(plain.metrics["first_loss"], rel=0.01)


@needs("cut_cross_entropy")
def test_cut_cross_entropy_gives_the_loss_of_trls_head(cuda, tiny, talks, tmp_path: Path) -> None:
    model = tiny("llama")
    plain = trained(cuda, model, talks, tmp_path / "plain")
    done = trained(cuda, model, talks, tmp_path / "cce", kernels="cce")
    assert done.metrics["first_loss"] == pytest.approx(plain.metrics["first_loss"], rel=0.01)


@needs("bitsandbytes")
def test_4_bits_on_the_gpu(cuda, tiny, talks, tmp_path: Path) -> None:
    done = trained(cuda, tiny("llama"), talks, tmp_path / "run", quantize="4bit")
    assert proofs(done)["4 bits"]["layers"] == 14


def test_packed_rows_of_32768_tokens_stay_apart_on_flex_attention_and_experts_learn(
    cuda, tiny, talks, tmp_path: Path
) -> None:
    lora = Lora(rank=16, experts=True)
    done = trained(
        cuda, tiny("gpt_oss"), talks, tmp_path / "run", lora=lora, packing=True, max_length=32768, batch_size=1
    )
    assert proofs(done)["isolation"]["leak"] <= 0.01
    assert proofs(done)["targets"]["experts"] == 8


def test_gpt_oss_generates_with_another_attention_than_it_trains_with(cuda, tiny) -> None:
    import torch

    from stagerun_stages.models.attention import generating
    from stagerun_stages.models.loading import load

    policy = cuda.policy()
    net = load(tiny("gpt_oss"), policy).model
    ids = torch.arange(12, device=net.device)[None]
    before = net(input_ids=ids).logits
    with generating(net, policy):
        assert net.config._attn_implementation == policy.attention_for("gpt_oss", generating=True) == "eager"
        net.generate(input_ids=ids, attention_mask=ids * 0 + 1, max_new_tokens=3, do_sample=False, pad_token_id=0)
    assert net.config._attn_implementation == "flex_attention"
    assert net(input_ids=ids).logits.equal(before)
