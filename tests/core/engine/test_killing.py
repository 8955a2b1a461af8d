"""The crash table: whatever kills whatever, a plain rerun finishes with the right output and nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

from stagerun import Event
from stagerun.builtin.local import start_time
from stagerun.record import Fold
from stagerun.store.journal import read_journal

PIPELINE = """
[stages.first]
uses = "test.make"

[stages.middle]
uses = "test.count"
with.steps = 40
with.pause = 0.05

[stages.last]
uses = "shell"
needs = { inputs = ["first.train", "middle"] }
with.run = "cat $STAGERUN_INPUT_MIDDLE_MODEL > $STAGERUN_OUT/copy"
"""
PATIENCE = 30.0


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    workshop.write(PIPELINE)
    return workshop


@pytest.fixture
def started(shop: Workshop) -> Iterator[subprocess.Popen[str]]:
    """A run that has taken a few steps of its middle stage and saved a checkpoint."""
    process = shop.start()
    wait_for(lambda: any((shop.runs / "middle/checkpoints").glob("step_*")))
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def wait_for(condition: Callable[[], Any]) -> Any:
    """Until something holds; a bounded wait, not a measurement."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def worker_of(shop: Workshop, stage: str) -> int:
    pid: int = json.loads((shop.runs / stage / ".worker.json").read_text())["pid"]
    return pid


def group_members(group: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[2] == str(group) and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def assert_a_plain_rerun_is_right(shop: Workshop) -> None:
    done = shop.command("run", "p.toml:demo", "--json")
    assert done.returncode == 0, done.stderr
    events = [Event.from_json(line) for line in done.stdout.splitlines()]
    kinds = [(event.kind, event.stage) for event in events]
    assert ("stage.started", "first") not in kinds, "a finished stage was repeated"
    assert ("checkpoint.resumed", "middle") in kinds, "training started over"
    assert (shop.runs / "last/final/out/copy").read_text() == f"{sum(range(41)) * 0.5}\n"
    assert not list(shop.runs.glob("*/.partial"))
    assert not list(shop.runs.glob("*/.worker.json"))


def test_kill_9_of_everything_loses_no_finished_stage_and_no_checkpoint(
    shop: Workshop, started: subprocess.Popen[str]
) -> None:
    worker = worker_of(shop, "middle")
    os.kill(started.pid, signal.SIGKILL)
    os.killpg(worker, signal.SIGKILL)
    started.wait(PATIENCE)
    assert not (shop.runs / "middle/final").exists()
    assert_a_plain_rerun_is_right(shop)


def test_kill_9_of_the_engine_alone_leaves_no_worker_behind(shop: Workshop, started: subprocess.Popen[str]) -> None:
    worker = worker_of(shop, "middle")
    os.kill(started.pid, signal.SIGKILL)
    wait_for(lambda: not group_members(worker))
    assert_a_plain_rerun_is_right(shop)


def test_sigterm_saves_a_checkpoint_and_ends_with_130(shop: Workshop, started: subprocess.Popen[str]) -> None:
    worker = worker_of(shop, "middle")
    started.terminate()
    assert started.wait(PATIENCE) == 130
    assert not group_members(worker)
    events = list(read_journal(shop.runs / "events.jsonl"))
    assert events[-1].kind == "run.interrupted"
    assert shop.summary()["run"]["state"] == "interrupted"
    assert shop.summary()["stages"]["middle"]["status"] == "interrupted"
    assert_a_plain_rerun_is_right(shop)


def test_a_second_run_is_refused_and_the_first_goes_on(shop: Workshop, started: subprocess.Popen[str]) -> None:
    second = shop.command("run", "p.toml:demo")
    assert second.returncode == 75
    assert f"is being run by pid {started.pid} on" in second.stderr
    assert "Traceback" not in second.stderr
    started.communicate(timeout=PATIENCE)
    assert started.returncode == 0
    assert (shop.runs / "last/final/out/copy").exists()


def test_a_command_of_a_shell_stage_dies_with_the_engine_and_so_do_its_children(workshop: Workshop) -> None:
    workshop.write('\n[stages.s]\nuses = "shell"\nwith.run = "(sleep 321 & sleep 322) & sleep 323"\n')
    process = workshop.start()
    worker = wait_for(lambda: (workshop.runs / "s/.worker.json").exists() and worker_of(workshop, "s"))
    wait_for(lambda: len(group_members(worker)) >= 6)  # worker, guard, sh, three sleeps
    process.kill()
    process.communicate()
    wait_for(lambda: not group_members(worker))


def test_a_worker_that_an_engine_could_not_end_is_ended_by_the_next(shop: Workshop) -> None:
    """Where no guard could watch (a suspended one, another system), the recorded pid and start time do."""
    left = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        (shop.runs / "middle").mkdir(parents=True)
        identity = {"host": os.uname().nodename, "pid": left.pid, "started": start_time(left.pid)}
        (shop.runs / "middle/.worker.json").write_text(json.dumps(identity))
        done = shop.command("run", "p.toml:demo", "--json", "--set", "stages.middle.with.pause=0.0")
        assert done.returncode == 0
        assert '"orphan.ended"' in done.stdout
        assert left.wait(PATIENCE) == -signal.SIGKILL
    finally:
        left.kill()
        left.wait()


def test_a_process_that_only_has_the_number_of_an_old_worker_is_left_alone(shop: Workshop) -> None:
    bystander = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        (shop.runs / "middle").mkdir(parents=True)
        identity = {"host": os.uname().nodename, "pid": bystander.pid, "started": "long ago"}
        (shop.runs / "middle/.worker.json").write_text(json.dumps(identity))
        assert shop.command("run", "p.toml:demo", "--set", "stages.middle.with.pause=0.0").returncode == 0
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("delay", [0.0, 0.3, 0.7, 1.3])
def test_the_summary_is_true_after_a_kill_at_any_instant(shop: Workshop, delay: float) -> None:
    process = shop.start()
    wait_for((shop.runs / "run-summary.json").exists)
    time.sleep(delay)
    process.kill()
    process.communicate()
    summary = shop.summary()
    events = list(read_journal(shop.runs / "events.jsonl"))
    record = Fold().add_all(events[: summary["events"]])
    assert summary["stages"] == {name: stage.to_json() for name, stage in record.stages.items()}
    assert len(events) - summary["events"] <= 3
    assert json.loads((shop.runs / "quality_gates.json").read_text())


def test_a_torn_line_in_the_journal_is_passed_over(shop: Workshop) -> None:
    assert shop.command("run", "p.toml:demo", "--set", "stages.middle.with.pause=0.0").returncode == 0
    with (shop.runs / "events.jsonl").open("a") as stream:
        stream.write('{"seq": 99, "kind": "stage.fini')
    done = shop.command("run", "p.toml:demo", "--set", "stages.middle.with.pause=0.0")
    assert done.returncode == 0
    assert shop.summary()["run"]["state"] == "done"


def test_a_result_that_was_whole_but_not_yet_in_place_is_committed_not_made_again(shop: Workshop) -> None:
    quick = ("--set", "stages.middle.with.pause=0.0")
    assert shop.command("run", "p.toml:demo", *quick).returncode == 0
    (shop.runs / "middle/final").rename(shop.runs / "middle/.partial")
    done = shop.command("run", "p.toml:demo", "--json", *quick)
    assert '"stage.recovered"' in done.stdout
    assert '"stage.started"' not in done.stdout


def test_an_exchange_cut_short_is_undone(shop: Workshop) -> None:
    quick = ("--set", "stages.middle.with.pause=0.0")
    assert shop.command("run", "p.toml:demo", *quick).returncode == 0
    (shop.runs / "middle/final").rename(shop.runs / "middle/.old")
    done = shop.command("run", "p.toml:demo", "--json", *quick)
    assert "the earlier result was put back" in done.stdout
    assert '"stage.started"' not in done.stdout
