"""Tokens, models and datasets of the hub: missing ones told before anything runs, and no token ever shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smallhub import TOKEN, serving

from stagerun import DataSource
from stagerun_stages.checks import hub
from stagerun_stages.checks.hub import Wanted
from stagerun_stages.models import hub_home

PIPELINE = """
[demo.stages.rows]
uses = "data.prepare"
with = { format = "messages", sources = ["xlam-60k"] }
[demo.stages.sft]
uses = "train.sft"
needs = { model = "org/base", train = "rows.train" }
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without tokens, logins and downloads, and with the network allowed."""
    for name in (
        *hub_home.TOKENS,
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "HF_HUB_CACHE",
        "HF_TOKEN_PATH",
        "HF_ENDPOINT",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    (tmp_path / "p.toml").write_text(PIPELINE)
    return tmp_path


def downloaded(home: Path) -> Path:
    """The cache's folder of a model that is in it."""
    folder = home / "hf" / "hub" / "models--org--base"
    snapshot = folder / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(bytes(900))
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("c" * 40)
    return folder


def doctor(folder: Path, *words: str) -> tuple[str, dict[str, Any]]:
    """All that doctor prints, and its findings about the hub by their item."""
    argv = [sys.executable, "-m", "stagerun", "doctor", "p.toml", "--json", *words]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    rows = json.loads(done.stdout)["findings"]
    return done.stdout + done.stderr, {row["item"]: row for row in rows if row["check"] == "hub"}


def test_without_a_token_a_gated_source_is_a_failure_that_says_where_a_token_goes(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({}) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        _, found = doctor(bare)
    assert (found["token"]["status"], found["datasets"]["status"], found["org/base"]["status"]) == (
        "fail",
        "pass",
        "pass",
    )
    assert "xlam-60k is given only to a token" in found["token"]["reason"]
    assert "export HF_TOKEN=" in found["token"]["fix"]


@pytest.mark.parametrize("name", ["HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN"])
def test_a_token_is_found_and_never_shown(bare: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, TOKEN)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    printed, found = doctor(bare)
    assert (found["token"]["status"], found["token"]["found"]) == (
        "pass",
        f"there is one in {name}; needed by xlam-60k",
    )
    assert TOKEN not in printed


def test_a_stored_login_counts_as_a_token(bare: Path) -> None:
    (bare / "hf").mkdir()
    (bare / "hf" / "token").write_text(TOKEN)
    assert hub_home.token_place() == "the stored login"


def test_a_hub_that_does_not_answer_is_a_failure_for_what_must_come_from_it(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    _, found = doctor(bare)
    assert (found["org/base"]["status"], found["datasets"]["status"]) == ("fail", "fail")
    assert "the hub cannot be reached: http://127.0.0.1:9: " in found["org/base"]["reason"]


def test_a_machine_that_stays_offline_has_only_what_it_has(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    _, found = doctor(bare)
    assert "HF_HUB_OFFLINE keeps this machine offline" in found["org/base"]["reason"]
    assert found["datasets"]["fix"].startswith("unset HF_HUB_OFFLINE, or take rows from files")


def test_a_model_in_the_cache_is_found_by_its_revision_unless_it_is_half_there(bare: Path) -> None:
    folder = downloaded(bare)
    assert hub_home.cached("org/base") == hub_home.cached(f"org/base@{'c' * 40}") == 900
    assert hub_home.cached("org/base@other") == 0
    (folder / "blobs").mkdir()
    (folder / "blobs" / "x.incomplete").touch()
    assert hub_home.cached("org/base") == 0


def test_what_is_open_only_wants_a_token_and_what_is_here_wants_nothing(bare: Path) -> None:
    assert hub.token(Wanted((), {"rows": DataSource(dict, "org/rows")}), "").status == "warn"
    assert hub.token(Wanted(("org/base",), {}), "").status == "warn"
    downloaded(bare)
    assert hub.token(Wanted(("org/base",), {}), "").status == "pass"
    assert hub.token(Wanted((), {}), "").status == "pass"
