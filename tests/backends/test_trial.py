"""A small computation in a process of its own: what it tells, and what it tells when nothing can be computed.

Run for real on the CPU; the devices it is for cannot be had here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from stagerun_backends import mlx, trial, trying_torch

HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_MLX = not mlx._missing()


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
def test_what_was_computed_is_told_with_version_and_time() -> None:
    said = trial.torch_trial("cpu", "bfloat16")
    assert said.startswith("torch ")
    assert " on cpu: bfloat16, " in said
    assert said.endswith(" ms")


def test_what_goes_wrong_is_told_in_the_process_s_own_last_words(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Traceback' >&2\necho 'RuntimeError: no GPU answers' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(RuntimeError, match="^RuntimeError: no GPU answers$"):
        trial.torch_trial("cuda", "bfloat16", python=str(python))


@pytest.mark.skipif(not HAS_MLX, reason="mlx is not installed")
def test_mlx_computes_on_its_own_device() -> None:
    said = trial.mlx_trial()
    assert said.startswith("MLX ")
    assert said.endswith(" ms")


def test_an_interpreter_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="No such file"):
        trial.torch_trial("cpu", "float32", python=str(tmp_path / "python"))


def test_an_operator_that_fell_back_is_found_in_torch_s_warning() -> None:
    """The warning's words are those of ATen/mps/MPSFallback.mm."""
    said = (
        "The operator 'aten::linalg_svd' is not currently supported on the MPS backend and will fall back to run on the CPU. "
        "This may have performance implications."
    )
    found = trying_torch.FALLEN.search(said)
    assert found is not None
    assert found[1] == "aten::linalg_svd"
