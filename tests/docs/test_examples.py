"""Every page is followed to the letter: titled blocks are written as files, console blocks are typed, outputs compared.

Pages that train several models, each in a process of its own, are `slow`. Besides they are followed with plans in place of runs.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from console import Console, Step, matches, steps
from pages import ROOT, Block, Page, pages

PAGES = [page for page in pages() if any(page.blocks())]
TRAINING = [page for page in PAGES if page.path.stem in {"train-a-model", "pack", "bring-your-own-base-model"}]
RUN = re.compile(r"stagerun (?=[\w.]+\.toml:)")
LANGUAGES = {"console", "toml", "python", "json", "jsonl", "yaml", "text", "sh", "make"}
INSTALLS = "uv pip install"  # a page that installs gets an environment of its own
MEMBERS = ("core", "backends", "evaluators", "stages")
UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def surroundings(home: Path, bin_: Path, **more: str) -> dict[str, str]:
    """The environment of a reader who has just opened a terminal."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    path = os.pathsep.join([str(bin_), *([str(Path(UV).parent)] if UV else []), os.environ["PATH"]])
    own = {"PATH": path, "STAGERUN_CACHE": str(home / ".cache"), "USER": "you", "LOGNAME": "you"}
    return {**kept, **own, **more}


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Our distributions as built wheels."""
    place = tmp_path_factory.mktemp("wheels")
    for member in MEMBERS:
        call("build", "--quiet", "--wheel", "--out-dir", str(place), str(ROOT / member))
    return [str(path) for path in sorted(place.glob("*.whl"))]


def call(*words: str) -> None:
    assert UV is not None
    done = subprocess.run([UV, *words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def fresh_environment(place: Path, wheels: list[str]) -> Mapping[str, str]:
    """A virtual environment with our distributions and of the training libraries only numpy, which preparing data needs."""
    call("venv", "--quiet", "--python", sys.executable, str(place))
    python = str(place / "bin/python")
    light = [wheel for wheel in wheels if "stagerun_stages" not in wheel]
    heavy = [wheel for wheel in wheels if wheel not in light]
    call("pip", "install", "--quiet", "--python", python, *light, "numpy")
    call("pip", "install", "--quiet", "--python", python, "--no-deps", *heavy)
    return {"bin": str(place / "bin"), "VIRTUAL_ENV": str(place)}


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow) if page in TRAINING else page for page in PAGES],
    ids=lambda page: page.name,
)
def test_what_a_page_tells_to_type_prints_what_it_says(
    page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    bin_, more = Path(sys.executable).parent, {}
    if any(INSTALLS in block.text for block in page.blocks() if block.language == "console"):
        if UV is None:
            pytest.skip("uv, which builds environments, is not installed")
        made = dict(fresh_environment(tmp_path / "environment", request.getfixturevalue("wheels")))
        bin_, more = Path(made.pop("bin")), made
    folder = tmp_path / "here"
    folder.mkdir()
    console = Console(folder, surroundings(tmp_path, bin_, **more))
    for block in page.blocks():
        follow(block, console)
    assert console.code == 0 or console.excused


@pytest.mark.parametrize("page", TRAINING, ids=lambda page: page.name)
def test_what_a_page_trains_can_be_planned(page: Page, tmp_path: Path) -> None:
    console = Console(tmp_path, surroundings(tmp_path, Path(sys.executable).parent))
    for block in page.blocks():
        follow(block, console, planned)
    assert console.code == 0


def planned(step: Step) -> Step:
    """The step, or the plan of the run that it is, which may print anything."""
    command = RUN.sub("stagerun plan ", step.command)
    return step if command == step.command else Step(command, ("...",))


def follow(block: Block, console: Console, typed: Callable[[Step], Step] = lambda step: step) -> None:
    """Write a titled block, type a console block, read everything else as what it claims to be."""
    if block.title:
        path = console.folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    if block.language == "console":
        for step in steps(block):
            console.type(typed(step))
    else:
        read(block)


def read(block: Block) -> None:
    assert block.language in LANGUAGES, f"line {block.line}: no language, or one not known here"
    if block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "python":
        ast.parse(block.text)
    elif block.language in ("json", "jsonl") and "..." not in block.text:
        texts = [block.text] if block.language == "json" else block.text.splitlines()
        for text in texts:
            json.loads(text)


@pytest.mark.parametrize(
    ("told", "said", "same"),
    [
        ("done in 0.1 s", "done in 12.4 s", True),
        ("done ... out 4 B", "done in 3 s: out 4 B", True),
        ("a\n...\nb", "a\n1\n2\nb", True),
        ("a\n...\nb", "a\nb", True),
        ("", "something", False),
        ("a", "a\nb", False),
        ("rows 4", "rows 5", False),
    ],
)
def test_outputs_are_compared_line_by_line_but_for_times_and_what_is_left_out(told: str, said: str, same: bool) -> None:
    assert matches(told, said) is same
