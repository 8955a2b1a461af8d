"""`stagerun run` from its words to its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from workshop import Workshop

from .conftest import PIPELINE, Say

SLOW = '[demo]\n[stages.count]\nuses = "test.count"\nwith = { steps = 1000, pause = 0.02, save_every = 500 }\n'


def test_a_run_shows_its_stages_leaves_a_report_and_ends_with_zero(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    said = say("p.toml:demo")
    assert (said.code, said.err) == (0, "")
    assert "[stage data] starts: no earlier result\n" in said.out
    assert "[results] report: runs/demo/report.html\n" in said.out
    assert "data" in (workshop.runs / "report.html").read_text()
    assert workshop.journal()[0].data["command"] == "stagerun p.toml:demo"


def test_a_hard_gate_that_fails_ends_with_one_and_says_how_to_accept_it(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    said = say("p.toml:demo")
    assert said.code == 1
    assert "[stage data] hard gate size FAILED: size 3 > 2\n" in said.out
    assert '--accept-gate data.size --why "..."' in said.out


def test_the_way_to_accept_a_gate_keeps_the_profiles_and_settings_that_were_typed(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    said = say("p.toml:demo", "--set", "stages.data.with.metric=5.0", "--run-dir", "else where")
    typed = "stagerun p.toml:demo --set stages.data.with.metric=5.0 --run-dir 'else where'"
    assert f'to let it pass: {typed} --accept-gate data.size --why "..."' in said.out


def test_an_accepted_gate_lets_the_run_go_on_and_keeps_who_and_why(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    said = say("p.toml:demo", "--accept-gate", "data.size", "--why", "large is fine")
    assert said.code == 0
    (gate,) = workshop.gates()["gates"]
    assert (gate["passed"], gate["accepted"]["who"], gate["accepted"]["why"]) == (False, "anna", "large is fine")


def test_a_gate_that_does_not_exist_cannot_be_accepted(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    said = say("p.toml:demo", "--accept-gate", "data.sise", "--why", "x")
    assert said.code == 64
    assert 'there is no gate "data.sise"' in said.err
    assert 'did you mean "data.size"?' in said.err
    assert not workshop.runs.exists()


def test_json_puts_every_event_on_stdout_and_nothing_else(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    said = say("run", "p.toml:demo", "--json")
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["kind"] for row in rows] == [event.kind for event in workshop.journal()]


def test_profiles_sets_backend_and_run_dir_reach_the_plan(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE + '\n[profiles.big]\nstages.data.with.text = "two"\n')
    said = say(
        "p.toml:demo",
        "--profile",
        "big",
        "--set",
        "stages.data.with.metric=1.0",
        "--backend",
        "cpu",
        "--run-dir",
        "out",
    )
    assert said.code == 0
    started = json.loads((workshop.root / "out/events.jsonl").read_text().splitlines()[0])
    assert started["profiles"] == ["big"]
    assert started["sets"] == ["stages.data.with.metric=1.0", "backend=cpu"]
    assert (workshop.root / "out/data/final/train.txt").read_text() == "two"


def test_a_second_run_on_a_directory_is_refused_with_the_first_one_s_pid(workshop: Workshop, say: Say) -> None:
    workshop.write(SLOW)
    first = workshop.start()
    try:
        _wait_for(workshop.runs / "count/metrics.jsonl")
        said = say("p.toml:demo")
    finally:
        first.kill()
        first.communicate()
    assert said.code == 75
    assert f"is being run by pid {first.pid} on " in said.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_lets_the_stage_save_and_the_run_end_by_itself(workshop: Workshop, number: signal.Signals) -> None:
    workshop.write(SLOW)
    with _heeded(number):
        run = workshop.start()
    _wait_for(workshop.runs / "count/metrics.jsonl")
    run.send_signal(number)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert json.loads(out.splitlines()[-1])["kind"] == "run.interrupted"
    assert list((workshop.runs / "count/checkpoints").glob("step_*"))
    assert (workshop.runs / "report.html").exists()


def test_a_signal_that_was_ignored_at_the_start_stays_ignored(workshop: Workshop) -> None:
    workshop.write(SLOW.replace("1000", "60"))
    argv = ["sh", "-c", f"trap '' HUP; exec {sys.executable} -m stagerun p.toml:demo"]
    run = subprocess.Popen(argv, cwd=workshop.root, stdout=subprocess.PIPE, text=True)
    _wait_for(workshop.runs / "count/metrics.jsonl")
    run.send_signal(signal.SIGHUP)
    run.communicate(timeout=60)
    assert run.returncode == 0


def test_a_reader_who_leaves_does_not_end_the_run(workshop: Workshop) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    command = f"{sys.executable} -m stagerun p.toml:demo | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=workshop.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert workshop.summary()["run"]["state"] == "done"


def test_a_terminal_gets_the_live_table(workshop: Workshop) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    command = f"{sys.executable} -m stagerun p.toml:demo"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        cwd=workshop.root,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "✓" in done.stdout
    assert "\x1b[" in done.stdout
    assert "report: runs/demo/report.html" in done.stdout


@contextmanager
def _heeded(number: signal.Signals) -> Iterator[None]:
    """What is started meanwhile does not ignore this signal: tests under nohup or in a background pass that on."""
    before = signal.getsignal(number)
    if before == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)
    yield
    signal.signal(number, before)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.02)
