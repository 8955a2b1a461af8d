"""The pipeline `persona` for real, made tiny: on the CPU with torch, and with MLX, killed in the middle of its training.

What it learns takes minutes and is `slow`. One run with MLX is cut short: it is killed, goes on, and is merged and exported.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import stagerun

FILE = Path(__file__).parents[2] / "pipelines.toml"
PATIENCE = 480.0
CLOSE = 1e-3  # between the losses of MLX and of torch
STEPS = 24  # so many that the kill, after two, comes long before the last
SHORT = (  # nothing is learned, so nothing of it is measured
    "stages.tiny_base.with.steps=2",
    f"stages.sft.with.max_steps={STEPS}",
    "stages.sft.with.save_steps=2",
    "stages.sft.with.batch_size=4",
    "stages.sft.with.evaluation.max_new_tokens=1",
    "stages.sft.gates=[]",
    'stages.export.with.formats=["safetensors"]',
)
slow = pytest.mark.slow  # minutes
needs_mlx = pytest.mark.skipif(find_spec("mlx_lm") is None, reason="mlx-lm is not installed: stagerun-stages[mlx]")


def plan(run_dir: Path, *sets: str, machine: str | None = None) -> stagerun.Plan:
    return stagerun.prepare(FILE, "persona", profiles=["tiny"], sets=sets, run_dir=run_dir, machine=machine)


def actions(made: stagerun.Plan) -> dict[str, str]:
    return {name: stage.decision.action for name, stage in made.stages.items()}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a run on the CPU."""
    run_dir = tmp_path_factory.mktemp("persona")
    assert not [event for event in stagerun.run(plan(run_dir)) if event.kind == "stage.failed"]
    return run_dir


def result(run_dir: Path, stage: str) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((run_dir / "run-summary.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = summary["stages"][stage]
    return found


def losses(run_dir: Path) -> list[float]:
    lines = (run_dir / "sft/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["loss"] for row in map(json.loads, lines) if "loss" in row]


@slow
def test_it_learns_its_tools_and_its_manner_and_every_gate_passes(done: Path) -> None:
    metrics = result(done, "sft")["metrics"]
    assert metrics["exact_match"] - metrics["exact_match_before"] > 0.5
    assert metrics["eval_loss"] < 0.5
    gates = json.loads((done / "quality_gates.json").read_text(encoding="utf-8"))["gates"]
    assert len(gates) == 4
    assert all(gate["passed"] for gate in gates)


@slow
def test_it_leaves_a_dense_model_to_load_and_to_serve(done: Path) -> None:
    folder = done / "export/final/model"
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "qwen2"
    assert {"model.safetensors", "persona-tiny-q8_0.gguf", "Modelfile", "README.md"} <= {
        path.name for path in folder.iterdir()
    }


@slow
@pytest.mark.parametrize("machine", ["h100", "a100", "m4", "cpu"])
def test_what_the_cpu_finished_stands_on_every_machine(done: Path, machine: str) -> None:
    assert set(actions(plan(done, machine=machine)).values()) == {"skip"}


@slow
@needs_mlx
def test_what_torch_finished_stands_on_mlx(done: Path) -> None:
    assert set(actions(plan(done, "backend=mlx")).values()) == {"skip"}


@slow
@needs_mlx
def test_with_mlx_it_goes_on_after_a_kill_to_the_losses_of_torch_and_to_the_export(done: Path, tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(done, run_dir, ignore=shutil.ignore_patterns("sft", "merge", "export", ".lock"))
    kill_when_it_has_saved(run_dir)
    assert "goes on from the checkpoint at step" in finish(run_dir)
    assert losses(run_dir) == pytest.approx(losses(done), abs=CLOSE)
    assert {name: result(run_dir, name)["status"] for name in ("sft", "merge", "export")} == dict.fromkeys(
        ("sft", "merge", "export"), "done"
    )


@needs_mlx
def test_a_short_run_with_mlx_goes_on_after_kill_9_and_is_fused_merged_and_exported(tmp_path: Path) -> None:
    kill_when_it_has_saved(tmp_path, *SHORT)
    assert not (tmp_path / "sft/final").exists()
    assert "goes on from the checkpoint at step" in finish(tmp_path, *SHORT)
    assert len(losses(tmp_path)) == STEPS
    assert "mlx fuse" in {proof["name"] for proof in result(tmp_path, "sft")["proofs"]}
    assert {name: result(tmp_path, name)["status"] for name in ("sft", "merge", "export")} == dict.fromkeys(
        ("sft", "merge", "export"), "done"
    )
    assert (tmp_path / "export/final/model/model.safetensors").exists()


def kill_when_it_has_saved(run_dir: Path, *sets: str) -> None:
    """Kill -9 of the engine, and so of its worker, at the first checkpoint of the training."""
    started = start(run_dir, *sets)
    wait_for(lambda: started.poll() is not None or any((run_dir / "sft/checkpoints").glob("step_*")))
    started.kill()
    said, _ = started.communicate()
    assert started.returncode == -signal.SIGKILL, said


def finish(run_dir: Path, *sets: str) -> str:
    """Run it to its end; what it said."""
    again = start(run_dir, *sets)
    said, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, said
    return said


def start(run_dir: Path, *sets: str) -> subprocess.Popen[str]:
    words = ["run", f"{FILE}:persona", "--profile", "tiny", "--backend", "mlx", "--run-dir", str(run_dir), "--plain"]
    words += [word for one in sets for word in ("--set", one)]
    argv = [sys.executable, "-m", "stagerun", *words]
    return subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, cwd=run_dir
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Until something holds; a bounded wait, not a measurement."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
