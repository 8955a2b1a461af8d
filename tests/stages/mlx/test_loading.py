"""MLX reads the models that transformers writes, and answers as torch does: each kind that fitting.py lets pass."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest

from stagerun import Policy, StageError
from stagerun.testing.stages import artifact
from stagerun_stages.mlx.fitting import KINDS

CPU = Policy(device="cpu", dtype="float32", attention={"*": "eager"})
SIZES = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.2,
    "rope_parameters": {"rope_type": "default", "rope_theta": 12345.0},  # nobody's default
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 1,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 5000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def write(folder: Path, kind: str, **more: Any) -> Any:
    """A random model of the kind, written by transformers, without a tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    own = {"sliding_window": None} if kind == "mistral" else {}
    torch.manual_seed(3)
    config = AutoConfig.for_model(kind, **{**SIZES, **own, **more})
    AutoModelForCausalLM.from_config(config).save_pretrained(str(folder))
    return artifact("model", folder)


def far(base: Any, length: int = 90) -> float:
    """The largest difference of a logit between torch and MLX, as a share of the largest logit."""
    import mlx.core as mx
    import numpy as np
    import torch

    from stagerun_stages.mlx import loading
    from stagerun_stages.models.loading import load_base

    ids = [(7 * at) % 97 for at in range(length)]
    with torch.inference_mode():
        ours = load_base(base, CPU).eval()(input_ids=torch.tensor([ids])).logits[0].numpy()
    mx.disable_compile()
    theirs = np.array(loading.load(base, "float32")(mx.array([ids]))[0])
    return float(abs(ours - theirs).max() / abs(ours).max())


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("tied", [False, True])
def test_it_answers_like_torch(kind, tied, mlx, tmp_path: Path) -> None:
    assert far(write(tmp_path / kind, kind, tie_word_embeddings=tied)) < 1e-5


def test_scaled_rotations_are_read_too(mlx, tmp_path: Path) -> None:
    assert far(write(tmp_path / "llama", "llama", rope_parameters=LLAMA3), 200) < 1e-5


def test_a_window_does_no_harm_to_rows_within_it(mlx, tmp_path: Path) -> None:
    assert far(write(tmp_path / "mistral", "mistral", sliding_window=90)) < 1e-5


def test_a_model_that_mlx_lm_cannot_read_is_named(mlx, tmp_path: Path) -> None:
    from stagerun_stages.mlx import loading

    base = write(tmp_path / "llama", "llama")
    (base.path / "model.safetensors").unlink()
    with pytest.raises(StageError, match=r"llama cannot be loaded by mlx-lm: No safetensors found"):
        loading.load(base, "float32")


@pytest.mark.slow  # mlx-lm changes it when it is imported first, so this takes a process of its own
def test_the_limit_of_open_files_stays(mlx) -> None:
    import subprocess
    import sys

    code = (
        "import resource as r; before = r.getrlimit(r.RLIMIT_NOFILE)\n"
        "from stagerun_stages.mlx.loading import limits_kept\n"
        "with limits_kept():\n    import mlx_lm.utils\n"
        "assert r.getrlimit(r.RLIMIT_NOFILE) == before, r.getrlimit(r.RLIMIT_NOFILE)"
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 4096  # mlx-lm's
    subprocess.run([sys.executable, "-c", code], check=True)
