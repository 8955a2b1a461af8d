"""Cut cross-entropy in place of TRL's head, by its reference on a CPU: it trains as TRL's does, and counts no accuracy."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

pytest.importorskip("cut_cross_entropy", reason="it is not among the packages of a usual installation")
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]  # its reference is compiled, for half a minute


def test_it_trains_as_with_trls_own_head(model, data, rows, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data(rows(8))}
    done = {}
    for kernels in ("none", "cce"):
        stage = Sft(lora=Lora(rank=4), learning_rate=1e-2, max_steps=4, batch_size=2, kernels=kernels)
        done[kernels] = run_stage(stage, tmp_path / kernels, inputs).metrics
    assert done["cce"]["loss"] == pytest.approx(done["none"]["loss"], rel=1e-5)
    assert done["cce"]["first_loss"] == pytest.approx(done["none"]["first_loss"], rel=1e-6)
    assert "token_accuracy" in done["none"]
    assert "token_accuracy" not in done["cce"]  # nobody counted
