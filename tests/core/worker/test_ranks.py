"""A stage in several processes: the first speaks for all, and what ends one ends all, with a clear word and nothing left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import spreading

from stagerun import Registry, StageError
from stagerun.builtin.local import start_time
from stagerun.errors import Failure
from stagerun.store.results import StageFolder
from stagerun.testing import run_stage
from stagerun.worker.context import Context
from stagerun.worker.execute import Done, Outcome, execute, make_context
from stagerun.worker.job import Job

PATIENCE = 30.0  # seconds for what has been killed to be gone


def begun(root: Path, second: str, events: list[dict[str, Any]]) -> tuple[Job, Context]:
    StageFolder(root).begin()
    job = Job(
        stage="s", entry="spreading:Spread", options={"second": second}, folder=str(root), fingerprint="f", parts={}
    )
    return job, make_context(job, events.append)


def outcome(root: Path, second: str, events: list[dict[str, Any]] | None = None) -> Outcome:
    """Run the stage, with this process as its worker."""
    job, ctx = begun(root, second, [] if events is None else events)
    return execute(job, ctx, Registry())


def failure(root: Path, second: str) -> Failure:
    found = outcome(root, second)
    assert isinstance(found, Failure), found
    return found


def left(root: Path) -> list[int]:
    """Those of the two processes that still run; one that was killed has a while to be gone."""
    pids = [int(path.read_text()) for path in StageFolder(root).work.glob("pid_*")]
    assert len(pids) == 2
    deadline = time.monotonic() + PATIENCE
    while (alive := [pid for pid in pids if start_time(pid) is not None]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive


def test_the_first_process_speaks_for_all(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    done = outcome(tmp_path, "finish", events)
    assert isinstance(done, Done)
    assert done.result.metrics == {"loss": 0.25}
    assert done.result.outputs["out"].meta == {"rows": 4}
    assert [event["text"] for event in events if event["kind"] == "stage.note"] == ["half way"]
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert rows == [{"step": step, "loss": 1 / step} for step in range(1, 5)]
    assert (tmp_path / ".partial" / "out.txt").read_text() == "made\n"


def test_the_history_goes_on_after_the_checkpoint_that_is_resumed(tmp_path: Path) -> None:
    outcome(tmp_path, "finish")
    (tmp_path / "checkpoints" / "step_00000004" / "manifest.json").unlink()
    events: list[dict[str, Any]] = []
    outcome(tmp_path, "finish", events)
    assert [event["step"] for event in events if event["kind"] == "checkpoint.resumed"] == [3]
    rows = [json.loads(line)["step"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert rows == [1, 2, 3, 4]


def test_a_process_that_fails_takes_all_down_with_its_reason(tmp_path: Path) -> None:
    found = failure(tmp_path, "fail")
    assert (found.reason, found.message) == ("stage_error", "process 2 of 2: the rows are bad; mend them")
    assert left(tmp_path) == []


def test_a_process_that_is_killed_is_named_with_its_signal_and_takes_all_down(tmp_path: Path) -> None:
    found = failure(tmp_path, "die")
    assert (found.reason, found.step) == ("killed", 7)
    assert found.message.startswith("process 2 of 2 was killed by SIGKILL")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("second", "reason", "words"),
    [
        ("starve", "out_of_memory", "process 2 of 2: MemoryError"),
        ("leave", "lost", "process 2 of 2 ended with exit code 3"),
    ],
)
def test_what_ended_a_process_decides_what_follows(tmp_path: Path, second: str, reason: str, words: str) -> None:
    found = failure(tmp_path, second)
    assert found.reason == reason
    assert found.message.startswith(words)
    assert left(tmp_path) == []


def test_processes_whose_launcher_is_killed_are_ended(tmp_path: Path) -> None:
    found = failure(tmp_path, "orphan")
    assert found.reason == "lost"
    assert found.message.startswith("what started the 2 processes ended with exit code -9")
    assert left(tmp_path) == []


def test_a_stop_reaches_the_first_process_and_ends_all(tmp_path: Path) -> None:
    job, ctx = begun(tmp_path, "wait", [])
    ctx.send = lambda message: ctx.stopping.set()  # once it has told anything
    assert execute(job, ctx, Registry()) is None
    assert left(tmp_path) == []


WORKER = """
import sys
from pathlib import Path
from stagerun import Registry
from stagerun.store.results import StageFolder
from stagerun.worker.execute import execute, make_context
from stagerun.worker.job import Job

StageFolder(Path(sys.argv[1])).begin()
job = Job("s", "spreading:Spread", {"second": "revolt"}, sys.argv[1], "f", {})
execute(job, make_context(job, lambda _: None), Registry())
"""


def test_processes_whose_worker_is_killed_end_by_themselves(tmp_path: Path) -> None:
    worker = subprocess.run([sys.executable, "-c", WORKER, str(tmp_path)], capture_output=True, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert left(tmp_path) == []


def test_without_a_worker_there_is_nothing_to_hand_on(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="several processes need a worker"):
        run_stage(spreading.Spread(), tmp_path)
