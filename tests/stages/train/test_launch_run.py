"""A pipeline with a training in two processes, on the command line: planned, run, killed as a whole, and run again."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

from stagerun import BadPipeline

PATIENCE = 120.0  # seconds for a checkpoint to be there, and for what was killed to be gone

PIPELINE = """
[resources]
accelerator = 2
cpu = 4

[stages.sft]
uses = "train.sft"
backend = "cpu"
needs = {{ model = "{model}", train = "{rows}" }}
[stages.sft.with]
batch_size = 4
max_steps = 60
save_steps = 3
learning_rate = 1e-2
launch = {{ processes = {processes} }}
"""


def pipeline(shop: Workshop, model: Any, train: Any, processes: int) -> None:
    shop.write(PIPELINE.format(model=model("llama").path, rows=train.path, processes=processes))


def left(shop: Workshop) -> list[int]:
    """Processes that have the run's folder in their command line or as their working directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            named = str(shop.root) in (entry / "cmdline").read_text() or str(shop.root) in os.readlink(entry / "cwd")  # noqa: PTH115
        except OSError:
            continue
        if named and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def wait(shop: Workshop, until: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert until()


def test_a_stage_claims_an_accelerator_for_each_of_its_processes(
    workshop: Workshop, model: Any, data: Any, rows: Any
) -> None:
    pipeline(workshop, model, data(rows(11)), 2)
    assert workshop.plan().stages["sft"].resources == {"accelerator": 2, "cpu": 2}
    pipeline(workshop, model, data(rows(11)), 1)
    assert workshop.plan().stages["sft"].resources == {"accelerator": 1, "cpu": 1}


def test_a_batch_that_does_not_divide_is_refused_with_its_line(
    workshop: Workshop, model: Any, data: Any, rows: Any
) -> None:
    pipeline(workshop, model, data(rows(11)), 3)
    with pytest.raises(BadPipeline, match=r"p.toml:\d+: .*batch_size is 4; it must divide among launch.processes = 3"):
        workshop.plan()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc, which this system has not")
def test_a_run_killed_as_a_whole_leaves_no_process_and_goes_on(
    workshop: Workshop, model: Any, data: Any, rows: Any
) -> None:
    pipeline(workshop, model, data(rows(11)), 2)
    engine = workshop.start()
    checkpoints = workshop.runs / "sft" / "checkpoints"
    wait(workshop, lambda: (checkpoints / "step_00000006").exists() or (checkpoints / "step_00000009").exists())
    assert len(left(workshop)) >= 5  # the engine, the worker, the launcher, and two
    os.killpg(engine.pid, signal.SIGKILL)
    engine.communicate()
    wait(workshop, lambda: not left(workshop))
    assert workshop.command("run", "p.toml:demo").returncode == 0
    steps = [json.loads(line)["step"] for line in (workshop.runs / "sft" / "metrics.jsonl").read_text().splitlines()]
    assert steps == list(range(1, 61))
    events = [json.loads(line) for line in (workshop.runs / "events.jsonl").read_text().splitlines()]
    assert any(event["kind"] == "checkpoint.resumed" for event in events)
    assert not left(workshop)
