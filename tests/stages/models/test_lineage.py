"""An adapter belongs to one base. Another base, an unknown one, a part of an adapter: refused by name before anything loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from attrs import evolve

from stagerun import Artifact, StageError
from stagerun.testing import run_stage
from stagerun_stages.models.export import Export
from stagerun_stages.models.lineage import base_of
from stagerun_stages.models.merge import Merge

STAGES = [Merge(), Export()]


def refused(stage, given: Artifact, tmp_path: Path, message: str) -> None:
    with pytest.raises(StageError, match=message):
        run_stage(stage, tmp_path / "out", {"model": given})
    assert not list((tmp_path / "out" / "final").iterdir())


def test_an_adapter_carries_the_digest_of_its_base(adapted) -> None:
    given = adapted("llama")
    assert given.base is not None
    recorded = json.loads((given.path / "lineage.json").read_text())["base"]
    assert recorded == {"digest": given.base.digest, "source": given.base.source}
    assert base_of(given) is given.base


@pytest.mark.parametrize("stage", STAGES, ids=["merge", "export"])
def test_another_base_of_the_same_shape_is_refused(stage, adapted, readable, tmp_path: Path) -> None:
    moved = evolve(adapted("llama"), base=readable("llama", seed=1))
    refused(stage, moved, tmp_path, r"was trained on llama_0 \(sha256:\w+\), not on llama_1")


def test_a_base_that_was_trained_further_since_is_refused(adapted, readable, tmp_path: Path) -> None:
    later = evolve(readable("llama"), digest="sha256:0123")
    refused(Merge(), evolve(adapted("llama"), base=later), tmp_path, r"not on llama_0 \(sha256:0123\)")


@pytest.mark.parametrize("stage", STAGES, ids=["merge", "export"])
def test_an_adapter_that_names_no_base_is_refused(stage, adapted, tmp_path: Path) -> None:
    refused(stage, evolve(adapted("llama"), base=None), tmp_path, "does not say which model it was trained on")


@pytest.mark.parametrize("stage", STAGES, ids=["merge", "export"])
def test_the_reference_inside_an_adapter_is_not_taken_for_it(stage, adapted, tmp_path: Path) -> None:
    given = adapted("llama")
    shutil.copytree(given.path, tmp_path / "adapter")
    shutil.copytree(given.path, tmp_path / "adapter" / "ref")
    inner = evolve(given, path=tmp_path / "adapter" / "ref", source="ipo.adapter/ref")
    refused(stage, inner, tmp_path, "ipo.adapter/ref is an adapter inside another one")


def test_the_adapter_is_taken_and_not_the_reference_inside_it(adapted, tmp_path: Path) -> None:
    given, earlier = adapted("llama"), adapted("llama", seed=2)
    shutil.copytree(given.path, tmp_path / "adapter")
    shutil.copytree(earlier.path, tmp_path / "adapter" / "ref")  # as TRL leaves it after continued preference training
    both = evolve(given, path=tmp_path / "adapter")
    plain, merged, other = (
        run_stage(Merge(), tmp_path / name, {"model": one}).outputs["model"].path / "model.safetensors"
        for name, one in (("plain", given), ("merged", both), ("other", earlier))
    )
    assert merged.read_bytes() == plain.read_bytes()
    assert merged.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_an_adapter_that_lost_a_file_is_refused(name: str, adapted, tmp_path: Path) -> None:
    given = adapted("llama")
    shutil.copytree(given.path, tmp_path / "adapter")
    (tmp_path / "adapter" / name).unlink()
    refused(Merge(), evolve(given, path=tmp_path / "adapter"), tmp_path, f"is no whole adapter: {name} is missing")


def test_a_lineage_that_cannot_be_read_is_refused(adapted, tmp_path: Path) -> None:
    given = adapted("llama")
    shutil.copytree(given.path, tmp_path / "adapter")
    (tmp_path / "adapter" / "lineage.json").write_text("{")
    refused(Merge(), evolve(given, path=tmp_path / "adapter"), tmp_path, r"lineage.json cannot be read")
