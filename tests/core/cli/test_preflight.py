"""The look before a run: what fails stops it, what is skipped is recorded and shown, and an up-to-date run is not looked at."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import Workshop

from .conftest import Say

HEAVY = (
    '[demo.stages.a]\nuses = "test.take"\nneeds.train = "rows.txt"\nresources.accelerator = 1\nenvironment = "own"\n'
)
WORKING = '[demo.stages.a]\nuses = "test.take"\nneeds.train = "rows.txt"\nresources.accelerator = 1\n'
BROKEN = f'{HEAVY}[demo.environments.own]\npython = "nowhere/bin/python"\n'
LIGHT = '[demo.stages.a]\nuses = "test.make"\n'


@pytest.fixture
def broken(workshop: Workshop) -> Path:
    """A pipeline whose environment is not there."""
    workshop.file.write_text(BROKEN)
    (workshop.root / "rows.txt").write_text("rows")
    return workshop.root


def test_a_failing_check_ends_the_command_with_64_and_nothing_is_written(broken: Path, say: Say) -> None:
    said = say("p.toml")
    assert (said.code, said.out) == (64, "")
    assert said.err.startswith("error: check before the run: environments own: there is no ")
    assert "to run all the same: --skip-check environments" in said.err
    assert not (broken / "runs").exists()


def test_a_skipped_check_lets_the_engine_find_out_for_itself(broken: Path, workshop: Workshop, say: Say) -> None:
    assert say("p.toml", "--skip-check", "environments").code == 1
    assert workshop.summary()["run"]["checks"]["skipped"] == ["environments"]


def test_what_is_skipped_is_shown_and_recorded(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text(LIGHT)
    said = say("p.toml", "--skip-check", "disk", "--skip-check", "clock", "--plain")
    assert said.code == 0
    assert "[run] not checked before the run, as asked: disk, clock\n" in said.out
    (event,) = [event for event in workshop.journal() if event.kind == "run.checked"]
    assert event.data["skipped"] == ["disk", "clock"]
    assert workshop.summary()["run"]["checks"]["skipped"] == ["disk", "clock"]
    assert "disk, clock" in (workshop.runs / "report.html").read_text()


def test_a_misspelt_check_is_refused_with_the_nearest(broken: Path, say: Say) -> None:
    said = say("p.toml", "--skip-check", "enviroments")
    assert said.code == 64
    assert 'there is no check "enviroments"' in said.err
    assert 'did you mean "environments"?' in said.err


def test_a_run_in_which_all_is_well_says_nothing_of_checks(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text(LIGHT)
    said = say("p.toml", "--plain")
    assert said.code == 0
    assert "check" not in said.out
    assert workshop.summary()["run"]["checks"] == {}


@pytest.fixture
def few_files() -> Iterator[None]:
    """As many open files as the look before a run warns of."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("few_files")
def test_a_warning_is_a_line_at_the_start_of_the_run_with_what_mends_it_and_none_of_a_run_with_nothing_to_do(
    workshop: Workshop, say: Say
) -> None:
    workshop.file.write_text(WORKING)
    (workshop.root / "rows.txt").write_text("rows")
    told = (
        "limits open files: training wants 1024 at least; to mend it: ulimit -n 65536, in the shell that starts the run"
    )
    said = say("p.toml", "--plain")
    assert said.out.index(f"[run] warning: {told}\n") < said.out.index("[stage a] starts")
    assert told in workshop.summary()["run"]["checks"]["warnings"]
    assert told in (workshop.runs / "report.html").read_text()
    assert "warning" not in say("p.toml", "--plain").out


def test_a_run_with_nothing_to_do_skipped_no_check(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text(LIGHT)
    say("p.toml", "--skip-check", "disk")
    assert workshop.summary()["run"]["checks"]["skipped"] == ["disk"]
    assert say("p.toml").out.endswith("`stagerun status runs/demo` shows metrics and gates\n")
    assert workshop.summary()["run"]["checks"] == {}
