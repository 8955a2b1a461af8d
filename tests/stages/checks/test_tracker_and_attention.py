"""Weights & Biases only where a stage reports to it; attention as the backend chose it for each model."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import Checkup, Finding, Registry, prepare
from stagerun_stages.checks import attention, tracker
from stagerun_stages.checks.tracker import judged, key_place

PIPELINE = """
[demo.stages.sft]
uses = "train.sft"
needs = { model = "openai/gpt-oss-20b", train = "rows.jsonl" }
with = { max_length = 1, trainer.report_to = ["wandb"] }
"""


def checkup(folder: Path, text: str = PIPELINE, machine: str | None = None) -> Checkup:
    (folder / "p.toml").write_text(text)
    (folder / "rows.jsonl").write_text("{}\n")
    registry = Registry()
    return Checkup(prepare(folder / "p.toml", "demo", registry=registry, fit=False, machine=machine), registry)


def test_a_stage_that_reports_to_what_is_not_installed_is_a_failure(tmp_path: Path) -> None:
    (found,) = tracker.tracker(checkup(tmp_path))
    assert (found.status, found.reason) == ("fail", "sft reports to it, and it is not installed")


def test_a_login_is_needed_only_to_send() -> None:
    assert judged(["sft"], installed=True, mode="offline", key="").status == "pass"
    sending = judged(["sft"], installed=True, mode="online", key="")
    assert sending.status == "fail"
    assert "WANDB_API_KEY" in sending.fix


def test_without_a_stage_that_reports_nothing_is_needed(tmp_path: Path) -> None:
    text = PIPELINE.replace(', trainer.report_to = ["wandb"]', "")
    (found,) = tracker.tracker(checkup(tmp_path, text))
    assert found.status == "pass"
    assert found.found.endswith("; no stage reports to it")


def test_a_key_is_found_in_the_environment_or_in_netrc(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine api.wandb.ai\n  login user\n  password 0123456789\n")
    file.chmod(0o600)
    assert key_place({"NETRC": str(file)}) == str(file)
    assert key_place({"WANDB_API_KEY": "0123456789", "NETRC": str(file)}) == "WANDB_API_KEY"
    assert key_place({"NETRC": str(tmp_path / "none")}) == ""


def look(folder: Path, machine: str) -> list[Finding]:
    return list(attention.attention(checkup(folder, machine=machine)))


def test_on_a_gpu_gpt_oss_trains_on_flex_attention_and_answers_eagerly(tmp_path: Path) -> None:
    assert [one.item for one in look(tmp_path, "h100")] == ["gpt_oss eager", "gpt_oss flex_attention"]


def test_on_a_mac_attention_is_part_of_torch(tmp_path: Path) -> None:
    (found,) = look(tmp_path, "m4")
    assert (found.item, found.found) == ("gpt_oss eager", "part of torch")


@pytest.mark.parametrize("name", ["flash_attention_2", "flash_attention_3"])
def test_attention_that_drops_the_sinks_of_a_model_is_a_failure(name: str) -> None:
    found = attention.judged("gpt_oss", name, "cuda")
    assert (found.status, found.fix) == ("fail", "flex_attention")


def test_attention_that_is_not_installed_is_a_failure_with_the_line_that_installs_it() -> None:
    found = attention.judged("llama", "flash_attention_2", "cuda")
    assert (found.status, found.fix) == ("fail", "pip install flash-attn")
