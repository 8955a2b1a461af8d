"""A full disk, a directory that cannot be written, promises not kept: a clear event, the earlier result intact."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import Workshop, only

import stagerun
from stagerun import CannotRun, Engine, Exit, Plan, Registry


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system needs privileges that this machine does not give")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


BIG = '\n[stages.s]\nuses = "shell"\nretries = 0\nwith.run = "CMD"\n'


def test_a_stage_that_fills_the_disk_fails_and_the_earlier_result_stays(workshop: Workshop, small_disk: Path) -> None:
    workshop.write(BIG.replace("CMD", "echo small > $STAGERUN_OUT/x"))
    first = Engine(Registry())
    list(first.run(stagerun_plan(workshop, small_disk)))
    assert first.exit_code == Exit.DONE
    workshop.write(BIG.replace("CMD", "dd if=/dev/zero of=$STAGERUN_OUT/x bs=1k count=1000"))
    second = Engine(Registry())
    with contextlib.suppress(CannotRun):  # the engine's own files may still fit into what is left, or not
        list(second.run(stagerun_plan(workshop, small_disk)))
    assert second.exit_code == Exit.FAILED
    assert (small_disk / "run/s/final/out/x").read_text() == "small\n"


def test_after_a_full_disk_a_plain_rerun_finishes(workshop: Workshop, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 150_000)
    workshop.write(BIG.replace("CMD", "dd if=/dev/zero of=$STAGERUN_OUT/x bs=1k count=100"))
    engine = Engine(Registry())
    with contextlib.suppress(CannotRun):
        list(engine.run(stagerun_plan(workshop, small_disk)))
    assert engine.exit_code != Exit.DONE
    ballast.unlink()
    again = Engine(Registry())
    list(again.run(stagerun_plan(workshop, small_disk)))
    assert again.exit_code == Exit.DONE


def test_a_library_that_reports_a_full_disk_is_not_retried(workshop: Workshop) -> None:
    workshop.write('\n[stages.s]\nuses = "test.full"\n')
    failed = only(workshop.run(), "stage.failed")
    assert failed.data["reason"] == "disk_full"


def test_a_run_directory_that_cannot_be_made_is_said_in_one_line(workshop: Workshop) -> None:
    workshop.write('\n[stages.s]\nuses = "test.make"\n')
    done = workshop.command("run", "p.toml:demo", "--run-dir", "/proc/nowhere", "--skip-check", "disk")
    assert done.returncode == 1
    assert "/proc/nowhere cannot be made" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_run_directory_is_said_in_one_line(workshop: Workshop, small_disk: Path) -> None:
    (small_disk / "run").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    workshop.write('\n[stages.s]\nuses = "test.make"\n')
    done = workshop.command("run", "p.toml:demo", "--run-dir", str(small_disk / "run"), "--skip-check", "disk")
    assert done.returncode == 1
    assert "cannot be written: Read-only file system" in done.stderr


def test_a_read_only_run_directory_is_found_before_the_run(workshop: Workshop, small_disk: Path) -> None:
    (small_disk / "run").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    workshop.write('\n[stages.s]\nuses = "test.make"\n')
    done = workshop.command("run", "p.toml:demo", "--run-dir", str(small_disk / "run"))
    assert done.returncode == 64
    assert "disk run directory: small/run cannot be written" in done.stderr


def stagerun_plan(workshop: Workshop, disk: Path) -> Plan:
    return stagerun.prepare(workshop.file, "demo", run_dir=disk / "run")
