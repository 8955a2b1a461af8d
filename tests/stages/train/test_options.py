"""What can be said about a training stage's options before anything heavy is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

LIGHT = ["train.sft", "train.dpo", "train.grpo", "models.merge", "models.export"]


@pytest.mark.parametrize("module", LIGHT)
def test_a_stage_class_loads_without_torch(module: str) -> None:
    heavy = "{'torch', 'transformers', 'trl', 'peft', 'datasets', 'numpy'}"
    code = f"import sys, stagerun_stages.{module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Sft(completion_only=True, assistant_only=False), "completion_only needs assistant_only"),
        (Sft(lora=Lora(experts=True, dropout=0.1)), "lora.dropout must be 0 with lora.experts"),
        (Sft(lora=Lora(rank=0)), "lora.rank is 0; it must be at least 1"),
        (Sft(batch_size=0), "batch_size is 0; it must be at least 1"),
        (Sft(learning_rate=-1.0), "learning_rate is -1.0; it must be above 0"),
        (Sft(max_steps=-5), "max_steps is -5; it must not be negative"),
        (Dpo(loss="hinge"), 'loss is "hinge"; it must be one of ipo, sigmoid'),
        (Dpo(beta=0.0), "beta is 0.0; it must be above 0"),
        (Grpo(generations=1), "generations is 1; a group needs at least 2"),
        (Grpo(batch_size=2, accumulation=3, generations=4), "it must divide into groups of 4 generations"),
        (Grpo(batch_size=8, max_completion_length=2048), "max_length 1024 must exceed it"),
    ],
)
def test_an_impossible_option_is_named_while_planning(stage: object, expected: str) -> None:
    found = list(stage.check())
    assert len(found) == 1
    assert expected in found[0]


@pytest.mark.parametrize("stage", [Sft(), Dpo(), Grpo(batch_size=8)])
def test_defaults_are_fine(stage: object) -> None:
    assert list(stage.check()) == []
