"""`stagerun doctor --machine`: a pipeline looked at for hardware that is only described."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pages import ROOT

PIPELINE = """
[demo.stages.sft]
uses = "train.sft"
needs = { model = "openai/gpt-oss-20b", train = "rows.jsonl" }
"""


def doctor(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and findings."""
    argv = [sys.executable, "-m", "stagerun", "doctor", *words, "--json"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, json.loads(done.stdout)["findings"]


def test_a_gpu_with_too_little_memory_is_a_failure_with_the_stage_and_its_place_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(PIPELINE)
    (tmp_path / "rows.jsonl").write_text("{}\n")
    facts = {
        "devices": 1,
        "generation": "ada",
        "compute_capability": "8.9",
        "driver": "580.65.06",
        "cuda": "13.0",
        "bf16": True,
    }
    seen = {"available": True, "device": "NVIDIA L4", "memory_gb": 22.0, "facts": {**facts, "fp8": True}}
    about = {"about": "an L4", "source": "published specification: NVIDIA L4 datasheet", "date": "2026-11-27"}
    (tmp_path / "l4.json").write_text(json.dumps({**about, "backends": {"cuda": seen}}))
    code, found = doctor(tmp_path, "p.toml", "--machine", "./l4.json")
    failing = [row for row in found if row["status"] == "fail"]
    assert code == 1
    assert [row["check"] for row in failing] == ["fit"]
    assert failing[0]["item"].startswith("sft.with.")
    assert "change p.toml:" in failing[0]["fix"]


def test_only_hardware_is_looked_at(tmp_path: Path) -> None:
    _, found = doctor(ROOT, "pipelines.toml:tui", "--machine", "h100")
    assert {row["check"] for row in found} <= {"device", "driver", "memory", "fit"}
    assert {"device", "driver"} <= {row["check"] for row in found}


def test_a_machine_needs_a_pipeline() -> None:
    argv = [sys.executable, "-m", "stagerun", "doctor", "--machine", "h100"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 64
    assert "--machine needs a pipeline" in done.stderr
