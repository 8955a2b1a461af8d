"""How a run directory stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stagerun.events import Event
from stagerun.render.status import last_row, read_status, status_lines, status_value
from stagerun.store.lock import Lock

from .conftest import Tell


@pytest.fixture
def journal(tmp_path: Path, tell: Tell) -> list[Event]:
    """The events of a run that is at work on its second stage."""
    judged = {"gate": "loss", "hard": True, "passed": True, "text": "loss 0.5 <= 2", "evidence": {}, "fingerprint": "f"}
    return [
        tell("run.started", pipeline="tui", file="p.toml", pid=42, host="box", stages=["data", "sft", "export"]),
        tell("stage.finished", "data", metrics={"rows": 40.0}, outputs={}, seconds=3.0, fingerprint="f"),
        tell("gate.judged", "data", **judged),
        tell("stage.started", "sft", at=5.0, attempt=2, cause="with.lr 1 -> 2"),
    ]


def written(folder: Path, events: list[Event]) -> Path:
    (folder / "events.jsonl").write_text("".join(event.to_json() + "\n" for event in events))
    return folder


def test_a_run_whose_lock_is_held_is_running_and_its_holder_is_named(tmp_path: Path, journal: list[Event]) -> None:
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft/metrics.jsonl").write_text('{"step": 7, "loss": 0.25}\n{"step": 8, "lo')
    lock = Lock(written(tmp_path, journal) / ".lock")
    lock.take()
    try:
        status = read_status(tmp_path)
        lines = list(status_lines(status, now=1060.0))
    finally:
        lock.release()
    assert status.state == "running"
    assert " is running, pid " in lines[0]
    assert lines[0].endswith("(1 min 00 s)")
    assert lines[1:] == [
        "  data    done, 3.0 s, rows 40",
        "          gate data.loss passed (hard): loss 0.5 <= 2",
        "  sft     running, attempt 2, step 7, loss 0.25, with.lr 1 -> 2",
        "  export  waiting",
    ]


def test_a_running_stage_that_was_estimated_says_how_long_it_still_takes(
    tmp_path: Path, journal: list[Event], tell: Tell
) -> None:
    told = {"step": 7, "total": 100, "first": True, "left": 300.0, "seconds": 310.0, "low": 280.0, "high": 340.0}
    journal.append(tell("stage.estimated", "sft", at=10.0, **told))
    lock = Lock(written(tmp_path, journal) / ".lock")
    lock.take()
    try:
        lines = list(status_lines(read_status(tmp_path), now=1070.0))
    finally:
        lock.release()
    assert "  sft     running, attempt 2, 4 min 00 s left +-30 s, with.lr 1 -> 2" in lines


def test_a_run_whose_lock_is_free_and_that_never_said_its_end_was_killed(tmp_path: Path, journal: list[Event]) -> None:
    status = read_status(written(tmp_path, journal))
    lines = list(status_lines(status))
    assert status.state == "killed"
    assert " was killed: pid 42 on box, started " in lines[0]
    assert "  sft     killed while it ran, attempt 2" in lines


def test_a_run_that_ended_says_how(tmp_path: Path, journal: list[Event], tell: Tell) -> None:
    journal.append(tell("stage.failed", "sft", at=9.0, message="boom", reason="killed", step=7))
    journal.append(tell("run.finished", at=9.0, status="failed", exit_code=1))
    lines = list(status_lines(read_status(written(tmp_path, journal))))
    assert lines[0].endswith(" after 9.0 s: failed, exit code 1")
    assert "  sft     failed, attempt 2, step 7, boom" in lines


def test_a_folder_where_nothing_was_ever_run_says_so(tmp_path: Path) -> None:
    (line,) = status_lines(read_status(tmp_path))
    assert line.endswith(": never run")


def test_the_json_form_holds_state_holder_and_stages(tmp_path: Path, journal: list[Event]) -> None:
    value = json.loads(json.dumps(status_value(read_status(written(tmp_path, journal)))))
    assert (value["state"], value["run"]["pid"], value["stages"]["data"]["metrics"]) == ("killed", 42, {"rows": 40.0})


def test_the_last_whole_row_of_a_large_metrics_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(f'{{"step": {step}}}\n' for step in range(5000)) + "not json\n[1]\n")
    assert last_row(path) == {"step": 4999}
