"""The shortest way for a plain run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop

from stagerun.cli.quick import lines, read, selected
from stagerun.cli.selection import select
from stagerun.cli.target import split

from .conftest import PIPELINE, Say


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["run"],
        ["--help"],
        ["plan", "p.toml:demo"],
        ["p.toml:demo", "extra"],
        ["p.toml:demo", "--json"],
        ["p.toml:demo", "--accept-gate", "a.b"],
        ["p.toml:demo", "--profile"],
        ["p.toml:demo", "--unknown"],
    ],
    ids=" ".join,
)
def test_any_other_command_line_is_left_to_click(words: list[str]) -> None:
    assert read(words) is None


def test_run_options_are_read_in_every_form_click_takes() -> None:
    words = read(["run", "--profile", "a,b", "p.toml:demo", "--set=x=1", "--profile=c", "--backend", "cpu", "--plain"])
    assert words is not None
    assert words["target"] == ["p.toml:demo"]
    assert selected(words) == (["a", "b", "c"], ["x=1", "backend=cpu"])


@given(
    st.lists(st.sampled_from(["a", "a,b", " c ,"]), max_size=3), st.lists(st.sampled_from(["x=1", "y=2"]), max_size=3)
)
def test_both_ways_select_the_same(profiles: list[str], sets: list[str]) -> None:
    argv = ["p.toml:demo", *(f"--profile={one}" for one in profiles), *(f"--set={one}" for one in sets)]
    words = read(argv)
    assert words is not None
    slow = select("p.toml:demo", profiles, sets, None, None).words()
    assert (list(slow.profiles), list(slow.sets)) == selected(words)


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd:name.toml").touch()
    assert split("odd:name.toml") == ("odd:name.toml", "")
    assert split("odd:name.toml:demo") == ("odd:name.toml", "demo")
    assert split("p.toml") == ("p.toml", "")


def test_a_run_with_nothing_to_do_names_its_stages_and_is_in_the_journal(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    say("p.toml")
    before = len(workshop.journal())
    said = say("p.toml")
    assert said.code == 0
    assert said.out == (
        "[skipped] 2 stages up to date: data, after\n"
        "[run] done, nothing to do; `stagerun status runs/demo` shows metrics and gates\n"
    )
    assert [event.kind for event in workshop.journal()[before:]] == ["run.started", "run.finished"]


def test_many_stages_are_counted() -> None:
    first, _ = lines("runs/demo", [f"s{index}" for index in range(1000)])
    assert first.startswith("[skipped] 1000 stages up to date: s0, ")
    assert first.endswith(" and 988 more")


def test_programs_get_events_also_when_there_is_nothing_to_do(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    say("p.toml")
    kinds = [json.loads(line)["kind"] for line in say("p.toml", "--json").out.splitlines()]
    assert kinds == ["run.started", "stage.skipped", "stage.skipped", "run.finished"]
