"""A stranger's plugin, built and installed into environments of its own, never beside this repository's own packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "tests/fixtures/plugin"
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")

pytestmark = pytest.mark.skipif(UV is None, reason="uv, which builds the environments, is not installed")

PIPELINE = """
[demo.environments.old]
requirements = ["six==1.15.0", "PLUGIN"]

[demo.stages.here]
uses = "example.versions"
gates = [{ uses = "example.mentions", word = "1.17" }]

[demo.stages.there]
uses = "example.versions"
environment = "old"
gates = [{ uses = "example.mentions", word = "1.15.0" }]
"""


def run(argv: list[str], cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        argv, cwd=cwd, env={**plain, **environ}, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def stagerun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds core and the plugin as built wheels, and nothing else of ours."""
    place = tmp_path_factory.mktemp("stranger")
    plugin = place / "plugin"
    shutil.copytree(PLUGIN, plugin)
    commands = [
        ["venv", "--quiet", "--python", sys.executable, str(place / "venv")],
        ["build", "--quiet", "--wheel", "--out-dir", str(place / "wheels"), str(ROOT / "core")],
        ["build", "--quiet", "--wheel", "--out-dir", str(place / "wheels"), str(plugin)],
    ]
    for words in commands:
        done = run([str(UV), *words], place)
        assert done.returncode == 0, done.stderr
    wheels = [str(path) for path in (place / "wheels").glob("*.whl")]
    done = run(
        [str(UV), "pip", "install", "--quiet", "--python", str(place / "venv/bin/python"), *wheels, "six==1.17.0"],
        place,
    )
    assert done.returncode == 0, done.stderr
    return place / "venv/bin/stagerun"


def test_its_stage_gate_observer_and_command_are_found_through_entry_points(stagerun: Path, tmp_path: Path) -> None:
    listed = run([str(stagerun), "plugins"], tmp_path).stdout
    assert "example.versions" in listed
    assert "example.mentions" in listed
    assert "stagerun-example" in listed
    assert run([str(stagerun), "greet", "you"], tmp_path).stdout == "hello you\n"


def test_it_runs_here_and_in_a_second_environment_whose_pinned_library_differs(stagerun: Path, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(PIPELINE.replace("PLUGIN", str(PLUGIN)))
    log = tmp_path / "log"
    done = run([str(stagerun), "p.toml:demo"], tmp_path, EXAMPLE_LOG=str(log), STAGERUN_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stdout + done.stderr
    runs = tmp_path / "runs/demo"
    assert (runs / "here/final/versions.txt").read_text() == "six 1.17.0\n"
    assert (runs / "there/final/versions.txt").read_text() == "six 1.15.0\n"
    seen = log.read_text().split("\n")
    assert "environment.built -" in seen
    assert "stage.finished there" in seen
    again = run([str(stagerun), "p.toml:demo", "--json"], tmp_path, STAGERUN_CACHE=str(tmp_path / "cache"))
    assert again.stdout.count('"stage.skipped"') == 2


def test_an_environment_that_cannot_be_built_is_named_with_the_installers_words(stagerun: Path, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(PIPELINE.replace('"PLUGIN"', '"six==9999"'))
    done = run([str(stagerun), "p.toml:demo"], tmp_path, STAGERUN_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert "environment old cannot be built" in done.stderr
    assert "six" in done.stderr
    assert "Traceback" not in done.stderr
