"""What is settled before the first heavy import, in processes that have imported none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

NAMES = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")
PROGRAM = """
import os, sys
from stagerun_stages.train import run_dpo, run_sft
from stagerun_stages.models import loading, merging
assert "torch" not in sys.modules
loading.quiet()
print(os.environ.get("PYTORCH_ALLOC_CONF") or os.environ["PYTORCH_CUDA_ALLOC_CONF"])
"""
HEARD = """
import torch
print(torch._C._accelerator_getAllocatorSettings())
"""


def said(program: str, given: dict[str, str]) -> str:
    """What a program prints in a new process."""
    environ = {name: value for name, value in os.environ.items() if name not in NAMES} | given
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        ({}, "expandable_segments:True"),
        ({"PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:64"}, "max_split_size_mb:64"),
        ({"PYTORCH_ALLOC_CONF": "max_split_size_mb:32"}, "max_split_size_mb:32"),
    ],
    ids=["unset", "set", "set by its newer name"],
)
def test_the_allocator_s_segments_can_grow_unless_the_user_says_otherwise(given: dict[str, str], settled: str) -> None:
    assert said(PROGRAM, given) == settled


def test_torch_hears_of_it() -> None:
    assert said(PROGRAM + HEARD, {}).splitlines() == ["expandable_segments:True"] * 2
