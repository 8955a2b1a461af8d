"""The estimate of memory is within a tenth of what training really takes, to the byte, for tiny models on the CPU."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
sys.path.append(str(REPOSITORY))  # where the benchmarks lie, which measure the same for many more cases

from benchmarks.memory_cases import ATTENTION, Case, dpo, find, grpo, sft  # noqa: E402

from stagerun_stages.train.options import Lora  # noqa: E402

EXPERTS = Lora(rank=8, targets=ATTENTION, experts=True)
SAVING: dict[str, Any] = {"gradient_checkpointing": True}
CASES = [
    Case("padded, recomputed", "qwen2", sft(64, 2, **SAVING)),
    Case("experts", "gpt_oss", sft(128, 1, EXPERTS)),
    Case("IPO", "mistral", dpo(64, 1)),
]
LONGER = [
    Case("dense", "llama", sft(512, 1)),
    Case("packed", "llama", sft(256, 2, packing=True)),
    Case("experts, recomputed", "gpt_oss wide", sft(128, 4, EXPERTS, **SAVING)),
    Case("bfloat16", "llama wide", sft(256, 1, **SAVING), dtype="bfloat16"),
    Case("GRPO", "gpt_oss", grpo(448, 64, 1, EXPERTS, accumulation=8, **SAVING)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_estimate_is_within_a_tenth_of_what_two_steps_take(case: Case, tmp_path: Path) -> None:
    found = find(case, tmp_path)
    assert found.off == pytest.approx(0.0, abs=0.10), f"{found.estimate.memory_bytes:.0f} against {found.measured}"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning")  # TRL calls them by their old names
@pytest.mark.parametrize("case", LONGER, ids=lambda case: case.name)
def test_the_estimate_of_longer_trainings_is_within_a_tenth_too(case: Case, tmp_path: Path) -> None:
    found = find(case, tmp_path)
    assert found.off == pytest.approx(0.0, abs=0.10), f"{found.estimate.memory_bytes:.0f} against {found.measured}"
