"""Disks, locks, environments and files: every failure made to happen for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

from stagerun import Checkup, Finding, Registry
from stagerun.checks import data, disk, environments, lock
from stagerun.checks.disk import Disk
from stagerun.spec import EnvironmentSpec

LIGHT = '[demo.stages.a]\nuses = "test.make"\n'
MOUNTED = 'mount -t tmpfs -o "$1" tmpfs small && shift && exec "$@"'
DOCTOR = (sys.executable, "-m", "stagerun")


def on_a_small_disk(workshop: Workshop, *words: str, size: str = "size=1m") -> subprocess.CompletedProcess[str]:
    """`stagerun WORDS` where `small` is a disk of 1 MB, in a namespace of its own."""
    (workshop.root / "small").mkdir()
    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh", size, *DOCTOR, *words]
    done = subprocess.run(argv, cwd=workshop.root, capture_output=True, text=True, check=False, timeout=60)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    return done


def of(check: str, text: str) -> list[dict[str, Any]]:
    return [row for row in json.loads(text)["findings"] if row["check"] == check]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="there are no namespaces here to mount a small disk in")
def test_a_disk_that_is_too_small_is_a_failure_that_says_how_much_is_missing(workshop: Workshop) -> None:
    workshop.file.write_text(LIGHT)
    done = on_a_small_disk(workshop, "doctor", "p.toml", "--run-dir", "small/run", "--json")
    (found,) = [row for row in of("disk", done.stdout) if row["item"] == "run directory"]
    assert (done.returncode, found["status"], found["reason"]) == (1, "fail", "too little")
    assert found["found"].startswith("1.0 MB free at small, about 10.0 MB needed")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="there are no namespaces here to mount a small disk in")
def test_a_run_on_a_disk_that_is_too_small_does_not_begin(workshop: Workshop) -> None:
    workshop.file.write_text(LIGHT)
    done = on_a_small_disk(workshop, "p.toml", "--run-dir", "small/run")
    assert (done.returncode, done.stdout) == (64, "")
    assert "error: check before the run: disk run directory: 1.0 MB free" in done.stderr
    assert "--skip-check disk" in done.stderr


@pytest.mark.skipif(shutil.which("unshare") is None, reason="there are no namespaces here to mount a small disk in")
def test_a_disk_with_room_on_which_no_file_can_be_made_is_a_failure(workshop: Workshop) -> None:
    workshop.file.write_text(LIGHT)
    done = on_a_small_disk(
        workshop, "doctor", "p.toml", "--run-dir", "small/run", "--json", size="size=50m,nr_inodes=1"
    )
    (found,) = [row for row in of("disk", done.stdout) if row["item"] == "run directory"]
    assert (found["status"], found["reason"]) == ("fail", "no file can be made: the inodes are used up")


def test_what_stages_need_on_one_file_system_is_added_up(tmp_path: Path) -> None:
    one = Disk(tmp_path, ["run directory"], {("sft", "checkpoints"): 3e30, ("", "model from the hub"): 1e30})
    found = disk.judged(one, os.statvfs(tmp_path))
    assert found.status == "fail"
    assert "sft checkpoints 3000000000000000000.0 TB, model from the hub" in found.found


def test_a_disk_with_room_passes(tmp_path: Path) -> None:
    assert disk.judged(Disk(tmp_path, ["x"], {("", "logs"): 1.0}), os.statvfs(tmp_path)).status == "pass"


def test_checkpoints_that_are_there_are_not_needed_again(tmp_path: Path) -> None:
    (tmp_path / "step_1").mkdir()
    (tmp_path / "step_1" / "weights").write_bytes(bytes(700))
    assert disk.held(tmp_path) == 700
    assert disk.held(tmp_path / "nowhere") == 0


@pytest.fixture
def held(workshop: Workshop) -> Iterator[subprocess.Popen[str]]:
    """A run of a second process, in the middle of a stage."""
    workshop.file.write_text(
        '[demo.stages.m]\nuses = "test.make"\n[demo.stages.a]\nuses = "test.take"\nneeds.train = "m.train"\nwith.seconds = 60\n'
    )
    process = workshop.start()
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("stage") == "a":
            break
    yield process
    process.terminate()
    process.communicate(timeout=30)


def test_a_directory_in_which_another_process_runs_is_a_failure_that_names_it(
    workshop: Workshop, held: subprocess.Popen[str]
) -> None:
    done = workshop.command("doctor", "p.toml", "--json")
    (found,) = of("lock", done.stdout)
    assert (done.returncode, found["status"]) == (1, "fail")
    assert f"is being run by pid {held.pid} on " in found["reason"]
    assert workshop.command("p.toml").returncode == 75


def test_a_free_directory_passes(workshop: Workshop) -> None:
    workshop.file.write_text(LIGHT)
    (found,) = lock.lock(Checkup(workshop.plan(), Registry()))
    assert found.status == "pass"


def environment(name: str = "own", python: str | None = None, *requirements: str) -> EnvironmentSpec:
    return EnvironmentSpec(name, python, requirements)


def test_a_python_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    found = environments.judged(environment("own", "nowhere/bin/python"), tmp_path, thorough=False)
    assert (found.status, found.reason) == ("fail", f"there is no {tmp_path}/nowhere/bin/python")
    assert "python3 -m venv" in found.fix


def test_a_python_without_stagerun_is_a_failure_with_the_line_that_installs_it(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    python.chmod(0o755)
    found = environments.judged(environment("own", str(python)), tmp_path, thorough=True)
    assert found.status == "fail"
    assert "-m pip install stagerun" in found.fix


def test_this_python_is_ready(tmp_path: Path) -> None:
    assert environments.judged(environment("own", sys.executable), tmp_path, thorough=True).status == "pass"


def test_requirements_that_contradict_each_other_cannot_be_built(tmp_path: Path) -> None:
    if shutil.which("uv", path=str(Path(sys.executable).parent)) is None and shutil.which("uv") is None:
        pytest.skip("uv, which resolves requirements without installing, is not here")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pyproject.toml").write_text(
        '[project]\nname = "lib"\nversion = "1"\ndependencies = ["lib-b<1", "lib-b>2"]\n'
        '[build-system]\nrequires = []\nbuild-backend = "none"\n'
    )
    wanted = environment("own", None, f"lib @ {(tmp_path / 'lib').as_uri()}")
    found = environments.judged(wanted, tmp_path, thorough=True)
    assert found.status == "fail"
    assert "it cannot be built" in found.reason


def test_one_that_is_not_built_yet_is_left_to_the_run(tmp_path: Path) -> None:
    found = environments.judged(environment("own", None, "six==1.15.0"), tmp_path, thorough=False)
    assert (found.status, found.found) == ("pass", "not built yet; the run does it first: six==1.15.0")


def test_optional_stages_without_their_file_are_told_once_with_all_that_hang_on_them(workshop: Workshop) -> None:
    workshop.file.write_text(
        '[demo.stages.a]\nuses = "test.make"\noptional = true\nwith.external = ["rows.jsonl"]\n'
        '[demo.stages.b]\nuses = "test.take"\noptional = true\nneeds.train = "a.train"\n'
        '[demo.stages.c]\nuses = "test.make"\nwith.external = ["rows.txt"]\n'
    )
    (workshop.root / "rows.txt").write_text("rows")
    found: list[Finding] = list(data.data(Checkup(workshop.plan(), Registry())))
    assert [(one.status, one.words) for one in found] == [
        ("warn", "there is no file rows.jsonl, so a, b will not run: optional"),
        ("pass", "4 bytes"),
    ]
