"""What a mistake on the command line gets: exit code 64, one line, the nearest right word, no traceback."""

from __future__ import annotations

import pytest
from workshop import Workshop

from .conftest import PIPELINE, Say

TWO = PIPELINE + "\n[demo.params]\nx = 1\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plann"], 'error: there is no command "plann"; did you mean "plan"?'),
        (["xyz"], 'error: there is no command "xyz"; to run a pipeline, say FILE:PIPELINE'),
        (["p.toml:demo", "--profle", "a"], 'error: no such option --profle; did you mean "--profile"?'),
        (["--profle", "a", "p.toml:demo"], 'error: no such option --profle; did you mean "--profile"?'),
        (["plan", "p.toml:demo", "--jsn"], 'error: no such option --jsn; did you mean "--json"?'),
        (["run"], "error: missing argument 'FILE[:PIPELINE]'"),
        (["p.toml:demo", "--set"], "error: option '--set' requires an argument"),
        (["p.toml:demo", "x", "y"], "error: got unexpected extra arguments (x y)"),
        (["p.toml:demo", "--why", "x"], "error: --accept-gate and --why belong together; add --accept-gate STAGE.GATE"),
        (["p.toml:demo", "--accept-gate", "a.b"], 'error: --accept-gate and --why belong together; add --why "..."'),
        (["p.tml:demo"], 'error: p.tml: there is no such file; did you mean "p.toml"?'),
        (["p.toml:dmo"], 'error: p.toml: the file has no pipeline "dmo"; expected demo; did you mean "demo"?'),
        (["status"], "error: runs: there are no runs here; say FILE:PIPELINE or a run directory"),
        (["status", "p.toml"], "error: runs/demo: nothing was ever run here; `stagerun run` starts it"),
        (["report", "nowhere"], "error: nowhere: there is no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_one_line(workshop: Workshop, say: Say, words: list[str], message: str) -> None:
    workshop.write(PIPELINE)
    said = say(*words)
    assert said.code == 64
    assert said.err.splitlines()[0] == message
    assert said.out == ""


def test_a_file_with_several_pipelines_lists_them(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text("[a]\n[b]\n")
    said = say("p.toml")
    assert said.code == 64
    assert said.err == "error: p.toml: the file has several pipelines; expected one of a, b; say which: p.toml:a\n"


def test_a_file_without_pipelines_says_what_one_looks_like(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text("# nothing yet\n")
    assert say("p.toml").err == "error: p.toml: the file has no pipelines; expected [NAME.stages.STAGE] tables\n"


def test_a_file_that_is_not_toml_is_told_with_its_line(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text("[demo]\nx = = 1\n")
    said = say("plan", "p.toml")
    assert said.code == 64
    assert said.err.startswith("error: p.toml:2: not valid TOML")


def test_every_problem_of_a_file_is_told_and_counted(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace('"test.make"', '"test.mke"'))
    said = say("plan", "p.toml")
    assert said.code == 64
    assert said.err.count("error: p.toml:") == 2
    assert said.err.endswith("2 problems; nothing was run\n")


def test_escape_codes_in_a_file_do_not_reach_the_terminal(workshop: Workshop, say: Say) -> None:
    workshop.write(PIPELINE.replace('"test.make"', '"\\u001b[31mred"'))
    assert "\x1b" not in say("plan", "p.toml").err


def test_nothing_typed_shows_the_help_and_is_a_mistake(say: Say) -> None:
    said = say()
    assert said.code == 64
    assert "Commands:" in said.err


def test_help_is_no_mistake(say: Say) -> None:
    said = say("--help")
    assert said.code == 0
    for command in ("run", "plan", "status", "report", "plugins", "schema"):
        assert f"\n  {command} " in said.out


def test_the_version_is_told_alone_and_among_other_words(say: Say) -> None:
    assert say("--version").out == say("--version", "plan").out
    assert say("--version").out.startswith("stagerun ")
