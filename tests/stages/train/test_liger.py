"""Liger is patched in before the model is made. Its kernels need a GPU; what is made of its layers is seen on any machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("liger_kernel", reason="it is not among the packages of a usual installation")

CODE = """
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForCausalLM as before
from stagerun_stages.train.liger import patch, prove_patched
forward = LlamaForCausalLM.forward
patch("llama")
assert LlamaForCausalLM.forward is forward, "TRL fuses the head itself"
model = LlamaForCausalLM(LlamaConfig(vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=2,
    num_attention_heads=2))
class Ctx:
    def prove(self, name, passed, **evidence): print(name, passed, evidence)
prove_patched(Ctx(), model)
"""


def test_the_layers_of_a_model_are_ligers_and_its_head_is_not() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", CODE], capture_output=True, text=True, check=True)
    assert (
        done.stdout.strip() == "liger True {'layers': 7}"
    )  # two norms and a feed-forward layer twice, and the last norm


def test_an_architecture_it_does_not_know_is_refused() -> None:
    from stagerun import StageError
    from stagerun_stages.train.liger import patch

    with pytest.raises(StageError, match="which has none for bloom"):
        patch("bloom")
