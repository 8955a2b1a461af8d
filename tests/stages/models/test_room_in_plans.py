"""What does not fit a machine is refused by the command line, at its line; what fits only in part is told."""

from __future__ import annotations

import json

import pytest
from workshop import Workshop

ROW = '{"prompt": [{"role": "user", "content": "1 + 1?"}], "messages": [{"role": "user", "content": "1"}], "expect": "2"}\n'
PIPELINE = """
[demo.stages.grpo]
uses = "train.grpo"
needs = { model = "openai/gpt-oss-20b", train = "rows.jsonl" }

[demo.stages.grpo.with]
reward = ""
lora = { rank = 128, experts = true }
gradient_checkpointing = true
batch_size = 1
accumulation = 16
max_length = 65536
max_completion_length = 16384
"""
SFT = """
[demo.stages.sft]
uses = "train.sft"
needs = { model = "Qwen/Qwen2.5-7B-Instruct", train = "rows.jsonl" }
with = { max_length = 4096, batch_size = 64, gradient_checkpointing = true }
"""


@pytest.fixture
def rows(workshop: Workshop) -> Workshop:
    (workshop.root / "rows.jsonl").write_text(ROW)
    return workshop


def test_65536_tokens_on_an_h100_end_with_64_the_line_and_what_would_fit(rows: Workshop) -> None:
    rows.file.write_text(PIPELINE)
    done = rows.command("plan", "p.toml:demo", "--machine", "h100")
    assert done.returncode == 64
    assert "p.toml:12: demo.stages.grpo.with.max_length: one row of 65536 tokens takes " in done.stderr
    assert "what would fit: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_batch_that_fits_in_part_is_told_in_words_and_as_json(rows: Workshop) -> None:
    rows.file.write_text(SFT)
    words = rows.command("plan", "p.toml:demo", "--machine", "h100")
    assert words.returncode == 0
    (line,) = [line for line in words.stdout.splitlines() if line.startswith("[stage sft] fits ")]
    value = json.loads(rows.command("plan", "p.toml:demo", "--machine", "h100", "--json").stdout)
    room = value["stages"]["sft"]["estimate"]["room"]
    assert room["asked"] == 64
    assert 1 <= room["largest"] < 64
    assert line.startswith(f"[stage sft] fits up to {room['largest']} rows at once, of 64 asked")
