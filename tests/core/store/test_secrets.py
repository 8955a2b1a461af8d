"""Secrets of the environment are masked in whatever is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop

from stagerun.store.secrets import masker, secrets

SECRET = "hf_abcdefgh12345"


@pytest.mark.parametrize("name", ["HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN", "WANDB_API_KEY", "my_password"])
def test_a_value_named_like_a_secret_is_masked_wherever_it_stands(name: str) -> None:
    mask = masker({name: SECRET})
    assert mask({"a": [f"Bearer {SECRET}!", 3], SECRET: None}) == {"a": ["Bearer ***!", 3], "***": None}


def test_other_names_short_values_and_paths_that_exist_are_left_alone(tmp_path: Path) -> None:
    environ = {"HOME": SECRET, "TOKENIZERS_PARALLELISM": "false", "KEY_FILE": str(tmp_path), "MY_KEY": "1234567"}
    assert secrets(environ) == ()


def test_a_secret_that_holds_another_is_masked_whole() -> None:
    assert masker({"A_KEY": SECRET, "B_KEY": SECRET + "more"})(f"<{SECRET}more>") == "<***>"


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab*", max_size=8))
def test_no_text_keeps_a_secret(before: str, after: str) -> None:
    assert SECRET not in masker({"A_TOKEN": SECRET})(before + SECRET + after)


def test_a_run_writes_no_secret(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    workshop.write(f"""
[stages.good]
uses = "test.make"
with.text = "made with {SECRET}"

[stages.bad]
uses = "test.make"
with.fail = "the server says: {SECRET} is refused"
""")
    events = workshop.run()
    assert any("the server says: *** is refused" in str(event.data) for event in events)
    records = [workshop.runs / name for name in ("events.jsonl", "run-summary.json", "good/stage.json")]
    assert not any(SECRET in path.read_text() for path in records)
    assert "made with ***" in records[2].read_text()
