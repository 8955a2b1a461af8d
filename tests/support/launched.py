"""Runs a stage as a worker does, in this process; several processes of it are real ones. And ends one of them at a step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun import Registry
from stagerun.plan.options import shown
from stagerun.store.results import StageFolder
from stagerun.worker.execute import Done, Outcome, execute, make_context
from stagerun.worker.job import Job

DYING = """
import os, signal
if os.environ.get("RANK") == "{rank}":
    from stagerun.worker.{module} import {kind} as Kind
    whole = Kind.metric
    def metric(self, step, **values):
        whole(self, step, **values)
        if step == {step}:
            {act}
    Kind.metric = metric
"""
NOISE = 1e-6  # of what is a sum near zero
DIE = "os.kill(os.getpid(), signal.SIGKILL)"


@frozen
class Launched:
    """What a stage told, and how it ended."""

    root: Path
    outcome: Outcome
    events: list[dict[str, Any]]

    def history(self) -> list[dict[str, Any]]:
        """The rows of metrics."""
        return [json.loads(line) for line in (self.root / "metrics.jsonl").read_text().splitlines()]

    def weights(self) -> dict[str, Any]:
        """The adapter."""
        from safetensors.torch import load_file

        return load_file(str(StageFolder(self.root).partial / "adapter" / "adapter_model.safetensors"))

    def texts(self, kind: str) -> list[str]:
        """What was said in events of one kind."""
        return [event["text"] for event in self.events if event["kind"] == kind]

    def resumed(self) -> list[int]:
        """The steps of checkpoints that it went on from."""
        return [event["step"] for event in self.events if event["kind"] == "checkpoint.resumed"]


def job_of(
    stage: Any, root: Path, inputs: Mapping[str, Any], many: Mapping[str, Any] | None = None, **more: Any
) -> Job:
    """What the engine would tell a worker."""
    entry = f"{type(stage).__module__}:{type(stage).__qualname__}"
    given = {need: one.to_json() for need, one in inputs.items()}
    lists = {need: [one.to_json() for one in row] for need, row in (many or {}).items()}
    return Job("train", entry, shown(stage), str(root), "testing", {}, inputs=given, many=lists, **more)


def launch(
    stage: Any, root: Path, inputs: Mapping[str, Any], many: Mapping[str, Any] | None = None, **more: Any
) -> Launched:
    """Run the stage to its sealed output."""
    StageFolder(root).begin()
    job, events = job_of(stage, root, inputs, many, **more), list[dict[str, Any]]()
    return Launched(root, execute(job, make_context(job, events.append), Registry()), events)


def go_on(stage: Any, root: Path, inputs: Mapping[str, Any], done: int = 8, saved: int = 6, **more: Any) -> Launched:
    """Take the checkpoint of the last step, `done`, away, and run the stage to its end again, from that of `saved`."""
    shutil.rmtree(root / "checkpoints" / f"step_{done:08d}")
    again = launch(stage, root, inputs, **more)
    assert isinstance(again.outcome, Done), again.outcome
    assert again.resumed() == [saved]
    return again


def near(one: list[dict[str, Any]], other: list[dict[str, Any]], tolerance: float) -> None:
    """Two histories have the same steps, and losses that differ by at most that part of them; `pytest -s` shows how much."""
    assert [row["step"] for row in one] == [row["step"] for row in other]
    apart = [abs(mine["loss"] - theirs["loss"]) / abs(theirs["loss"]) for mine, theirs in zip(one, other, strict=True)]
    print(f"{len(apart)} losses differ by at most {max(apart):.1e} of themselves")
    assert max(apart) <= tolerance
    assert [row["learning_rate"] for row in one] == [row["learning_rate"] for row in other]


def same(one: list[dict[str, Any]], other: list[dict[str, Any]], tolerance: float, besides: str = "") -> None:
    """Two histories hold the same metrics, up to that part of each and besides one; `pytest -s` shows how far apart all are."""
    assert [list(row) for row in one] == [list(row) for row in other]
    apart = {
        name: max(abs(mine[name] - theirs[name]) for mine, theirs in zip(one, other, strict=True) if name in mine)
        for name in {name: 0 for row in one for name in row}
    }
    print(", ".join(f"{name} differs by at most {most:.1e}" for name, most in apart.items() if most))
    for mine, theirs in zip(one, other, strict=True):
        far = {name: (mine[name], theirs[name]) for name in mine if abs(mine[name] - theirs[name]) > NOISE}
        far.pop(besides, None)
        assert all(abs(a - b) <= tolerance * abs(b) for a, b in far.values()), far


def arrange(folder: Path, rank: int, step: int, act: str = DIE) -> None:
    """Python processes that find `folder` on their path do `act` as that process, once they have told metrics of that step."""
    folder.mkdir(exist_ok=True)
    module, kind = ("rank", "Silent") if rank else ("context", "Context")
    (folder / "sitecustomize.py").write_text(DYING.format(rank=rank, step=step, module=module, kind=kind, act=act))
