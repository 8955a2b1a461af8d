"""The same adapter in PEFT and in MLX: the same numbers, the same answers, and a file that does not tell who trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stagerun import Policy, StageError
from stagerun_stages.mlx import adapters, loading, skeleton
from stagerun_stages.models.lora import find_targets, lora_config, trainable
from stagerun_stages.train.options import Lora

CPU = Policy(device="cpu", dtype="float32", attention={"*": "eager"})


def hollow(base: Any, lora: Lora, seed: int = 0) -> Any:
    """A PEFT model on hollow weights, with a fresh adapter."""
    from transformers import set_seed

    from stagerun_stages.models.loading import quiet

    quiet()
    set_seed(seed)
    loaded = skeleton.load(base, CPU)
    return skeleton.adapted(loaded, lora_config(lora, find_targets(loaded.model, lora)))


def shaken(peft_model: Any) -> Any:
    """Every tensor of the adapter random, so that it changes the answers."""
    import torch

    torch.manual_seed(5)
    for weight in trainable(peft_model).values():
        torch.nn.init.normal_(weight, std=0.3)
    return peft_model


def with_torch(base: Any, folder: Path, ids: list[int]) -> Any:
    import torch
    from peft import PeftModel

    from stagerun_stages.models.loading import load_base

    net = PeftModel.from_pretrained(load_base(base, CPU), str(folder)).eval()
    with torch.inference_mode():
        return net(input_ids=torch.tensor([ids])).logits[0].numpy()


@pytest.mark.parametrize(
    "lora",
    [
        Lora(rank=4, alpha=8.0),
        Lora(rank=4, alpha=8.0, use_rslora=True, targets=("q_proj", "down_proj")),
        Lora(rank=4, alpha=8.0, peft={"rank_pattern": {"v_proj": 2}, "alpha_pattern": {"v_proj": 20}}),
        Lora(rank=2, alpha=8.0, peft={"layers_to_transform": [1], "layers_pattern": "layers"}),
    ],
)
def test_it_changes_the_answers_as_it_does_with_torch(lora, mlx, model, tmp_path: Path) -> None:
    import mlx.core as mx
    import numpy as np

    mx.disable_compile()
    base, ids = model("llama"), list(range(40))
    net = shaken(hollow(base, lora))
    theirs = loading.load(base, "float32")
    plain = np.array(theirs(mx.array([ids]))[0])
    adapters.put_on(theirs, net)
    adapters.write(theirs, net, tmp_path / "adapter", base)
    ours, adapted = with_torch(base, tmp_path / "adapter", ids), np.array(theirs(mx.array([ids]))[0])
    assert abs(ours - adapted).max() < 1e-4 * abs(ours).max()  # rounding; factors this large leave more of it
    assert abs(ours - plain).max() > 0.1


def test_there_and_back_is_exact(mlx, model, tmp_path: Path) -> None:
    base = model("llama")
    net = shaken(hollow(base, Lora(rank=4)))
    before = {name: weight.detach().clone() for name, weight in trainable(net).items()}
    theirs = loading.load(base, "float32")
    adapters.put_on(theirs, net)
    for weight in trainable(net).values():
        weight.data.zero_()
    adapters.give_back(theirs, net)
    assert before.keys() == trainable(net).keys()
    assert all(weight.equal(before[name]) for name, weight in trainable(net).items())


def test_a_file_that_differs_in_one_bit_is_noticed(mlx, model, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    base = model("llama")
    net, theirs = shaken(hollow(base, Lora(rank=4))), loading.load(base, "float32")
    adapters.put_on(theirs, net)
    adapters.write(theirs, net, tmp_path / "adapter", base)
    assert adapters.differing(theirs, tmp_path / "adapter") == []
    file = tmp_path / "adapter" / "adapter_model.safetensors"
    tensors = load_file(file)
    name = sorted(tensors)[0]
    tensors[name][0, 0] += 1
    save_file(tensors, file)
    assert len(adapters.differing(theirs, tmp_path / "adapter")) == 1


def test_hollow_weights_take_no_memory_and_have_the_models_shapes(model) -> None:
    from transformers import AutoModelForCausalLM

    from stagerun_stages.models.loading import quiet

    quiet()
    whole = AutoModelForCausalLM.from_pretrained(str(model("llama").path))
    net = skeleton.hollow(model("llama"), CPU)
    assert {n: w.shape for n, w in net.named_parameters()} == {n: w.shape for n, w in whole.named_parameters()}
    assert all(weight.untyped_storage().nbytes() == 4 for weight in net.parameters())


def test_a_layer_that_mlx_lm_does_not_have_is_named(mlx, model) -> None:
    base = model("llama")
    net, theirs = hollow(base, Lora(rank=4)), loading.load(base, "float32")
    theirs.model.layers.pop()
    with pytest.raises(StageError, match=r"mlx-lm's llama has no layer model\.layers\.1\.self_attn"):
        adapters.put_on(theirs, net)
