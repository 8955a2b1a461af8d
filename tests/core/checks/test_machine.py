"""Python, the clock, the system's limits: provoked where this machine lets us, given as values where it does not."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

from stagerun import Checkup, Registry
from stagerun.checks import clock, interpreter, limits

LIGHT = '[demo.stages.a]\nuses = "test.make"\n'
HEAVY = '[demo.stages.a]\nuses = "test.take"\nneeds.train = "rows.txt"\nresources.accelerator = 1\n'


def limited(workshop: Workshop, limit: str, text: str = HEAVY) -> dict[str, Any]:
    """What doctor says of limits in a shell that lowered one."""
    workshop.file.write_text(text)
    (workshop.root / "rows.txt").write_text("x")
    argv = ["sh", "-c", f'{limit} && exec "$@"', "sh", sys.executable, "-m", "stagerun", "doctor", "p.toml", "--json"]
    done = subprocess.run(argv, cwd=workshop.root, capture_output=True, text=True, check=False, timeout=60)
    return {row["item"]: row for row in json.loads(done.stdout)["findings"] if row["check"] == "limits"}


def test_few_open_files_are_a_failure_with_the_line_that_raises_them(workshop: Workshop) -> None:
    found = limited(workshop, "ulimit -n 200")["open files"]
    assert (found["status"], found["found"]) == ("fail", "200 allowed")
    assert found["fix"] == "ulimit -n 65536, in the shell that starts the run"


def test_somewhat_few_open_files_are_a_warning(workshop: Workshop) -> None:
    assert limited(workshop, "ulimit -n 512")["open files"]["status"] == "warn"


def test_core_dumps_are_a_warning(workshop: Workshop) -> None:
    if subprocess.run(["sh", "-c", "ulimit -c 1"], capture_output=True, check=False).returncode:
        pytest.skip("core dumps are forbidden here for good, so they cannot be allowed to see the warning")
    assert limited(workshop, "ulimit -c 1")["core dumps"]["status"] == "warn"


def test_a_run_of_light_stages_asks_nothing_of_the_limits(workshop: Workshop) -> None:
    assert limited(workshop, "ulimit -n 200", LIGHT) == {}


def test_small_shared_memory_is_a_failure_only_for_stages_of_several_processes() -> None:
    docker = 64 * 2**20
    assert limits.shared(docker, []).status == "pass"
    assert limits.shared(docker, ["sft"]).status == "fail"
    assert limits.shared(docker * 8, ["sft"]).status == "warn"
    assert limits.shared(docker * 16, ["sft"]).status == "pass"


def test_unlimited_is_enough() -> None:
    assert limits.counted("processes", -1, (1, 2), "").found == "unlimited"


def test_the_clock_of_this_machine_and_its_files_agree() -> None:
    assert [one.status for one in clock.clock(Checkup(None, Registry(entries=[])))] == ["pass", "pass"]


@pytest.mark.parametrize("text", ["1970-01-01", "2001-09-09", "2199-01-01"])
def test_a_year_that_cannot_be_is_a_failure(text: str) -> None:
    """The clock cannot be set here, so the time is given."""
    found = clock.year(time.mktime(time.strptime(text, "%Y-%m-%d")) + 86400)
    assert found.status == "fail"
    assert "set the clock" in found.fix


def test_a_file_server_with_another_time_is_a_warning() -> None:
    """There is no file server here, so the difference is given."""
    found = clock.skew(-95.0)
    assert found.status == "warn"
    assert "-95.0 s" in found.reason


def test_looking_at_the_clock_leaves_no_file(tmp_path: Path) -> None:
    clock.stamp(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_python_that_a_distribution_refuses_is_a_failure_that_names_it() -> None:
    found = interpreter.judged("3.10.2", {"stagerun": ">=3.11", "other": ""})
    assert (found.status, found.reason) == ("fail", "stagerun asks for >=3.11")


def test_a_python_that_was_not_tested_is_a_warning() -> None:
    assert interpreter.judged("3.14.0", {"stagerun": ">=3.11"}).status == "warn"
    assert interpreter.judged("3.11.9", {"stagerun": ">=3.11"}).status == "pass"


def test_the_range_of_pythons_is_read_from_what_is_installed() -> None:
    assert interpreter.asked(["stagerun", "no-such-thing"]) == {"stagerun": ">=3.11"}
