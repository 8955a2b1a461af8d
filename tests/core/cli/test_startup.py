"""What a call costs is decided by what it imports."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from workshop import Workshop

from .conftest import PIPELINE

HEAVY = {"torch", "numpy", "transformers", "trl", "peft", "datasets", "accelerate", "pandas"}


def imported(workshop: Workshop, *words: str) -> set[str]:
    """Top-level names of the modules that are loaded when a command ends."""
    code = (
        f"import sys, json; sys.argv = ['stagerun', *{list(words)!r}]\n"
        "from stagerun.cli import main; main()\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=workshop.root, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_the_version_costs_nothing_but_its_own_two_modules(workshop: Workshop) -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    more = imported(workshop, "--version") - set(json.loads(bare.stdout))
    own = {"stagerun", "stagerun._version", "stagerun.cli"}
    assert own <= more
    assert not {"click", "attr", "typing", "re", "pathlib"} & more
    assert not {name for name in more if name.startswith("stagerun")} - own


@pytest.mark.parametrize(
    "words",
    [["--help"], ["run", "--help"], ["plan", "p.toml"], ["plan", "p.toml", "--json"], ["plugins"], ["schema"]],
    ids=" ".join,
)
def test_looking_around_imports_no_heavy_library_and_no_rich(workshop: Workshop, words: list[str]) -> None:
    workshop.write(PIPELINE)
    assert not (HEAVY | {"rich"}) & imported(workshop, *words)


def test_planning_does_not_load_the_engine(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    assert "stagerun.engine.session" not in imported(workshop, "plan", "p.toml")


def test_a_run_that_is_up_to_date_loads_neither_click_nor_attrs(workshop: Workshop) -> None:
    workshop.write(PIPELINE.replace("max = 2.0", "max = 9.0"))
    for _ in range(2):
        imported(workshop, "p.toml:demo")
    assert not {"click", "attr", "attrs", "rich"} & imported(workshop, "p.toml:demo")
