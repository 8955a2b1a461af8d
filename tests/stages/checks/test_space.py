"""What stages put on a disk, against published sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import Artifact, Checkup, Estimate, Policy, Registry, prepare
from stagerun.checks.disk import disk
from stagerun_stages.models import space

POLICY = Policy(device="cuda", dtype="bfloat16", attention={})
GB = 1e9


@pytest.fixture(autouse=True)
def _nothing_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.mark.parametrize(("name", "published"), [("openai/gpt-oss-20b", 12.8), ("openai/gpt-oss-120b", 60.8)])
def test_the_download_of_gpt_oss_is_as_large_as_its_model_card_says(name: str, published: float) -> None:
    """Sizes of the checkpoints in GiB: the model card of gpt-oss, table 1."""
    (found,) = space.download(Artifact("model", name, f"hub:{name}"))
    assert found.bytes / 2**30 == pytest.approx(published, rel=0.02)


def test_what_is_in_the_cache_or_on_the_disk_is_not_downloaded(tmp_path: Path) -> None:
    snapshot = tmp_path / "hf/hub/models--openai--gpt-oss-20b/snapshots/c"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(b"x")
    (tmp_path / "hf/hub/models--openai--gpt-oss-20b/refs").mkdir()
    (tmp_path / "hf/hub/models--openai--gpt-oss-20b/refs/main").write_text("c")
    assert list(space.download(Artifact("model", "openai/gpt-oss-20b", "hub:x"))) == []
    assert list(space.download(Artifact("model", "base", "sha256:x", path=tmp_path))) == []


def test_one_checkpoint_more_than_are_kept_is_needed_while_it_is_written() -> None:
    checkpoints, adapter = space.of_training(Estimate(parameters={"attention": 1000}), None, keep=2)
    assert (checkpoints.bytes, adapter.bytes) == (3 * 12 * 1000, 4 * 1000)


def test_every_format_of_an_export_takes_its_own_room() -> None:
    found = space.of_model(Estimate(model_parameters=10**9), None, POLICY, ("safetensors", "gguf-q8_0"))
    assert [round(one.bytes / GB, 4) for one in found] == [2.0, 1.0625]


def test_a_plan_adds_up_what_its_stages_need(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / "p.toml").write_text(
        '[demo]\nbackend = "cuda"\n[demo.stages.sft]\nuses = "train.sft"\n'
        'needs = { model = "openai/gpt-oss-20b", train = "rows.jsonl" }\nwith.lora = { rank = 16, experts = true }\n'
        '[demo.stages.merge]\nuses = "model.merge"\nneeds.model = "sft"\n'
    )
    plan = prepare(tmp_path / "p.toml", "demo", fit=False, machine="h100")
    told = " ".join(one.found for one in disk(Checkup(plan, Registry())))
    for part in ("merge safetensors 41.8 GB", "openai/gpt-oss-20b from the hub 13.8 GB", "sft checkpoints 6.7 GB"):
        assert part in told
