"""Tools of languages on a machine that has none: PATH is emptied, for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

from workshop import Workshop

SYSTEM = ("sleep",)  # what trying the isolation takes


def without_tools(workshop: Workshop, asked: str, *programs: str) -> tuple[int, dict[str, Any]]:
    """Exit code and findings by item where PATH has these programs and no other."""
    (workshop.root / "bin").mkdir()
    for name in programs:
        (workshop.root / "bin" / name).symlink_to(str(shutil.which(name)))
    workshop.file.write_text(f'[demo.stages.a]\nuses = "test.judged"\nwith.asked = ["{asked}"]\n')
    environ = {**os.environ, "PATH": str(workshop.root / "bin"), "CARGO_HOME": str(workshop.root / "none")}
    argv = [sys.executable, "-m", "stagerun", "doctor", "p.toml", "--json"]
    done = subprocess.run(
        argv, cwd=workshop.root, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, {row["item"]: row for row in json.loads(done.stdout)["findings"]}


def test_a_tool_that_a_stage_needs_is_a_failure_with_the_line_that_installs_it(workshop: Workshop) -> None:
    code, found = without_tools(workshop, "rust", *SYSTEM)
    assert (code, found["rustc"]["status"]) == (1, "fail")
    assert "rustup" in found["rustc"]["fix"]


def test_a_tool_that_a_stage_would_only_take_if_it_were_there_is_a_warning(workshop: Workshop) -> None:
    _, found = without_tools(workshop, "*", *SYSTEM)
    assert found["rustc"]["status"] == "warn"


def test_a_machine_on_which_no_isolation_can_be_tried_is_a_failure(workshop: Workshop) -> None:
    code, found = without_tools(workshop, "rust")
    assert (code, found["tier"]["status"]) == (1, "fail")
    assert "PATH" in found["tier"]["fix"]
