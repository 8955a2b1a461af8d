"""An earlier merge is used again only when it is what it was: the engine looks at its bytes.

That a new one has the same bytes and is proved is shown without an engine in test_merge.py; with one, here, it is `slow`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import stagerun

WEIGHTS = "run/merge/final/model/model.safetensors"


@pytest.fixture(scope="module")
def file(readable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that has merged."""
    made = tmp_path_factory.mktemp("rebuilt") / "pipelines.toml"
    made.write_text(
        f'[demo]\nbackend = "cpu"\n[demo.stages.merge]\nuses = "model.merge"\nneeds.model = "{readable("llama").path}"\n'
    )
    run(made)
    return made


def plan(file: Path) -> stagerun.Plan:
    return stagerun.prepare(file, "demo", run_dir=file.parent / "run")


def run(file: Path) -> list[str]:
    """The kinds of events of the stage."""
    engine = stagerun.Engine()
    kinds = [event.kind for event in engine.run(plan(file)) if event.stage == "merge"]
    assert engine.exit_code == stagerun.Exit.DONE
    return kinds


@pytest.fixture
def damaged(file: Path) -> Iterator[bytes]:
    """One bit of the merged weights is another; what they were."""
    weights = file.parent / WEIGHTS
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    yield whole
    weights.write_bytes(whole)


def test_a_whole_merge_stands(file: Path) -> None:
    assert run(file) == ["stage.skipped"]


@pytest.mark.usefixtures("damaged")
def test_one_that_lost_a_bit_is_to_be_made_again(file: Path) -> None:
    decision = plan(file).stages["merge"].decision
    assert decision.action == "run"
    assert "model.safetensors" in "; ".join(decision.reasons)


@pytest.mark.slow
def test_it_is_proved_and_has_the_same_bytes_when_made_again(file: Path, damaged: bytes) -> None:
    assert "stage.proof" in run(file)
    assert (file.parent / WEIGHTS).read_bytes() == damaged
