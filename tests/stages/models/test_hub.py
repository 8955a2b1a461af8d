"""The hub's token is found where people keep it, and its absence is told where it matters."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stagerun import Artifact
from stagerun_stages.models.hub import find_token, log_in


class Told:
    """A context with one input."""

    def __init__(self, given: Artifact) -> None:
        self.inputs, self.many = {"model": given}, {}
        self.warned: list[str] = []

    def warn(self, text: str) -> None:
        self.warned.append(text)


DISTANT = Artifact("model", "openai/gpt-oss-20b", "hub:openai/gpt-oss-20b@main", None)


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)


def test_a_secret_of_runpod_is_put_where_the_libraries_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_SECRET_HF_TOKEN", "hf_pod")
    assert find_token() == "hf_pod"
    assert os.environ["HF_TOKEN"] == "hf_pod"


def test_the_user_s_own_token_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_SECRET_HF_TOKEN", "hf_pod")
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    assert find_token() == "hf_mine"


def test_a_model_of_the_hub_without_a_token_is_warned_about_and_a_folder_is_not(tmp_path: Path) -> None:
    told = Told(DISTANT)
    log_in(told)
    assert told.warned[0].startswith("openai/gpt-oss-20b comes from the hub and there is no token")
    near = Told(Artifact("adapter", "mine", "", tmp_path, base=Artifact("model", "base", "", tmp_path)))
    log_in(near)
    assert near.warned == []


def test_the_token_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    told = Told(DISTANT)
    log_in(told)
    assert told.warned == []
