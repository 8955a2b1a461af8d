"""`stagerun plan --machine`: for a machine that is described, by name or by file, and told as such."""

from __future__ import annotations

import json
from pathlib import Path

from workshop import Workshop

from .conftest import PIPELINE, Say

SHELL = '[stages.work]\nuses = "shell"\nwith.run = "true"\n'


def test_the_first_lines_say_that_the_plan_is_for_another_machine(say: Say, workshop: Workshop) -> None:
    workshop.write(f"[demo]\n\n{SHELL}")
    said = say("plan", "p.toml", "--machine", "h100")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[1].startswith(
        "[plan] machine h100, described and not this one, so this plan cannot be run: one NVIDIA H100"
    )
    assert "published specification: " in lines[1]
    assert "[plan] hardware backend cuda: NVIDIA H100 80GB HBM3" in lines


def test_json_says_which_machine_the_plan_is_for(say: Say, workshop: Workshop) -> None:
    workshop.write(f"[demo]\n\n{SHELL}")
    value = json.loads(say("plan", "p.toml", "--machine", "m4-16", "--json").out)
    assert value["machine"]["name"] == "m4-16"
    assert value["machine"]["source"].startswith("published specification: ")
    assert value["backends"]["auto"] == {"name": "mps", "device": "Apple M4, 16 GB", "passed_over": []}
    assert json.loads(say("plan", "p.toml", "--json").out)["machine"] is None


def test_a_machine_that_nobody_described_is_refused_with_the_nearest_name(say: Say, workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    said = say("plan", "p.toml", "--machine", "h10")
    assert (said.code, said.out) == (64, "")
    assert said.err.startswith('error: --machine: unknown machine "h10"; did you mean "h100"?')


def test_a_malformed_description_is_refused_in_one_line(say: Say, workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    Path("bad.json").write_text('{"about": 3}')
    said = say("plan", "p.toml", "--machine", "./bad.json")
    assert said.code == 64
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("error: bad.json: ")


def test_a_run_takes_no_machine(say: Say, workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    assert say("run", "p.toml", "--machine", "h100").code == 64


def test_machines_are_listed_among_the_plugins(say: Say) -> None:
    lines = say("plugins").out.splitlines()
    assert {"h100", "a100", "m4", "m4-16", "cpu"} <= {line.split()[0] for line in lines[lines.index("machines:") + 1 :]}
