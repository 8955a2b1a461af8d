"""An earlier merge is used again only when it is what it was: the engine looks at its bytes, the stage proves a new one."""

from __future__ import annotations

from pathlib import Path

import stagerun


def run(file: Path) -> tuple[list[str], str]:
    """What the plan says of the stage, then the stage run."""
    plan = stagerun.prepare(file, "demo", run_dir=file.parent / "run")
    decision = plan.stages["merge"].decision
    engine = stagerun.Engine()
    kinds = [event.kind for event in engine.run(plan) if event.stage == "merge"]
    assert engine.exit_code == stagerun.Exit.DONE
    return kinds, "; ".join(decision.reasons)


def test_a_whole_merge_stands_and_one_that_lost_a_byte_is_made_again(readable, tmp_path: Path) -> None:
    file = tmp_path / "pipelines.toml"
    file.write_text(
        f'[demo]\nbackend = "cpu"\n[demo.stages.merge]\nuses = "model.merge"\nneeds.model = "{readable("llama").path}"\n'
    )
    run(file)
    weights = tmp_path / "run/merge/final/model/model.safetensors"
    whole = weights.read_bytes()
    assert run(file)[0] == ["stage.skipped"]
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    kinds, reason = run(file)
    assert "model.safetensors" in reason
    assert "stage.proof" in kinds
    assert weights.read_bytes() == whole
