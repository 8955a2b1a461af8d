"""`plan`, `status` and `report`: they look, and change nothing but the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from workshop import Workshop

from .conftest import PIPELINE, Say


def test_plan_says_what_would_run_and_writes_nothing(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    said = say("plan", "p.toml:demo")
    assert said.code == 0
    assert "[stage data] because no earlier result\n" in said.out
    assert [path.name for path in workshop.root.iterdir()] == ["p.toml"]


def test_plan_as_json_is_one_value(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    assert json.loads(say("plan", "p.toml", "--json").out)["stages"]["after"]["inputs"][0]["from"] == "data.train"


def test_plan_on_a_terminal_is_laid_out_in_blocks_within_its_width(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    command = f"stty cols 70; {sys.executable} -m stagerun plan p.toml --set stages.data.with.text='{'long ' * 40}'"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        cwd=workshop.root,
        env={**{name: value for name, value in os.environ.items() if name != "COLUMNS"}, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert "RUN    after  test.make (stagerun-testkit 0.1)" in lines
    assert max(map(len, lines)) <= 70


def test_status_takes_a_pipeline_a_run_directory_or_nothing(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    say("p.toml:demo")
    told = say("status", "p.toml:demo")
    assert told.code == 0
    assert told.out.splitlines()[0].endswith(": failed, exit code 1")
    assert "gate data.size FAILED (hard): size 3 > 2" in told.out
    assert say("status", "runs/demo").out == told.out
    assert say("status").out == told.out
    assert json.loads(say("status", "runs/demo", "--json").out)["state"] == "failed"


def test_status_finds_the_directory_that_a_profile_names(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE + '\n[profiles.small]\nrun_dir = "small"\n')
    say("p.toml:demo", "--profile", "small")
    assert say("status", "p.toml:demo", "--profile", "small").out.startswith("small: demo of p.toml ended")


def test_report_is_written_anew_from_the_journal(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    say("p.toml:demo")
    page = workshop.runs / "report.html"
    before = page.read_text()
    page.unlink()
    assert say("report", "p.toml:demo").out == f"{page}\n" or page.exists()
    assert page.read_text() == before


def test_the_report_of_a_killed_run_says_so(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE)
    say("p.toml:demo")
    journal = workshop.runs / "events.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    say("report", "runs/demo")
    assert '<span class="badge killed">killed</span>' in (workshop.runs / "report.html").read_text()
