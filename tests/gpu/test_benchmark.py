"""The benchmark of a GPU machine runs from end to end on a small model anywhere, so that no rented hour finds its faults."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stagerun import Registry

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_part_runs_on_a_cpu_and_the_page_is_left_alone() -> None:
    page = ROOT / "docs" / "benchmarks" / "gpu.md"
    before = page.read_text(encoding="utf-8")
    argv = [sys.executable, "-W", "ignore", "-m", "benchmarks.gpu", "--tiny", "--device", "cpu"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for title in ("## 7B dense (Qwen2.5-7B)", "## 20B experts (GPT-OSS-20B)", "## Long rows"):
        assert title in done.stdout
    assert "left out: " in done.stdout  # what a CPU does not have, in the plan's words
    assert page.read_text(encoding="utf-8") == before


def test_without_a_gpu_it_says_why_and_how_to_try_it() -> None:
    if Registry().find("backends", "cuda").value().probe().available:
        pytest.skip("there is a GPU here, and it would be measured")
    argv = [sys.executable, "-m", "benchmarks.gpu"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "--tiny --device cpu shows that the script works" in done.stderr
