"""The reference says what the code says: made tables are fresh, hand-written ones are complete."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT, Page, pages

import stagerun
from stagerun import Ctx, Exit, Stage
from stagerun.cli.app import COMMANDS, Commands
from stagerun.contracts.stage import describe
from stagerun.events import EVENTS
from stagerun.plan.options import structure
from stagerun.spec import PipelineSpec, keys

sys.path.insert(0, str(ROOT / "docs"))
import generate

REFERENCE = ROOT / "docs/reference"
OURS = {name: cls for name, cls, _ in generate.components.ours("stages")}


@pytest.mark.parametrize("page", [page for page in pages() if "<!-- made:" in page.text], ids=lambda page: page.name)
def test_made_tables_are_fresh(page: Page) -> None:
    assert generate.filled(page.text) == page.text, "run `.venv/bin/python docs/generate.py`"


def test_every_part_that_can_be_made_is_on_a_page() -> None:
    shown = set(re.findall(r"<!-- made: (\w+) -->", "".join(page.text for page in pages())))
    assert shown == set(generate.PARTS)


def test_every_event_every_hook_and_every_public_name_is_documented() -> None:
    from stagerun import hookspecs

    hooks = [name for name in vars(hookspecs) if name.startswith("stagerun_")]
    assert not [name for name in hooks if f"## `{name}`" not in Page(REFERENCE / "hooks.md").text]
    assert not [kind for kind in EVENTS if f"| `{kind}` |" not in Page(REFERENCE / "events.md").text]
    names = [name for name in stagerun.__all__ if name != "__version__"]
    assert not [name for name in names if f"### `{name}`" not in Page(REFERENCE / "contracts.md").text]


def keys_below(page: Page, heading: str) -> set[str]:
    """Names in the first column of the tables below a heading, up to the next heading of its level."""
    below = page.text.partition(f"\n{heading}\n")[2]
    assert below, f"{page.name} has no heading {heading}"
    text = re.split(r"\n## ", below)[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("## A pipeline", keys.PIPELINE),
        ("## A stage", keys.STAGE),
        ("## A gate", keys.GATE),
        ("## A profile", keys.WHEN | {"when"}),
        ("## An environment", keys.ENVIRONMENT),
    ],
)
def test_the_page_of_the_pipeline_file_has_every_key_and_no_other(heading: str, expected: frozenset[str]) -> None:
    assert keys_below(Page(REFERENCE / "pipeline-file.md"), heading) == expected


def test_the_page_about_stages_has_everything_a_stage_may_declare_and_all_it_is_handed() -> None:
    page = Page(ROOT / "docs/extend/stage.md")
    assert keys_below(page, "## What the class declares") >= set(Stage.__annotations__)
    handed = page.text.partition("## What it is handed")[2]
    members = [name for name in vars(Ctx) if not name.startswith("_")]
    assert not [name for name in members if f"`ctx.{name}" not in handed]


def test_every_exit_code_is_documented_with_its_name() -> None:
    text = Page(REFERENCE / "exit-codes.md").text
    rows = set(re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE))
    assert rows == {(str(int(code)), code.name) for code in Exit}


def test_every_environment_variable_of_ours_is_documented_and_no_other() -> None:
    sources = [path.read_text() for member in ("core", "backends") for path in (ROOT / member / "src").rglob("*.py")]
    used = {name for text in sources for name in re.findall(r"\bSTAGERUN_[A-Z_]+\b", text)}
    told = set(re.findall(r"`(STAGERUN_[A-Z_]+)", Page(REFERENCE / "cli.md").text))
    assert {name.rstrip("_") for name in used} == {name.rstrip("_") for name in told if "TOOL_DATA" not in name}


def test_every_option_of_the_command_line_that_a_page_names_exists() -> None:
    import click

    group = Commands(name="stagerun")
    commands = [group.get_command(click.Context(group), name) for name in COMMANDS]
    known = {name for command in commands if command for param in command.params for name in param.opts}
    known |= {"--help", "--version"}
    for page in pages():
        console = "".join(block.text for block in page.blocks() if block.language == "console")
        stagerun_lines = [line for line in console.splitlines() if line.startswith("$ stagerun")]
        texts = [text for text in page.code() if text.startswith(("stagerun", "--"))]
        for text in [*stagerun_lines, *texts]:
            unknown = set(re.findall(r"(?<!\S)--[a-z-]+", text)) - known
            assert not unknown, f"{page.name}: {text}"


def test_every_proof_that_a_stage_of_ours_makes_is_explained() -> None:
    sources = [path.read_text() for path in (ROOT / "stages/src").rglob("*.py")]
    made = {name for text in sources for name in re.findall(r'\.prove\(\s*"([^"]+)"', text)}
    told = set(re.findall(r"^\| `([^`]+)` \|", Page(ROOT / "docs/explanation/proofs.md").text, re.MULTILINE))
    assert made
    assert not made - told


def stages_shown() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Page, name and table of every stage of ours in any TOML that a page shows."""
    for page in pages():
        for block in page.blocks():
            for pipeline in tomllib.loads(block.text).values() if block.language == "toml" else ():
                tables = pipeline.get("stages", {}) if isinstance(pipeline, dict) else {}
                yield from ((page.name, name, table) for name, table in tables.items() if table.get("uses") in OURS)


def test_every_stage_that_a_page_shows_takes_the_options_and_needs_it_is_given() -> None:
    spec = PipelineSpec(name="", file=Path(), stages={})
    shown = list(stages_shown())
    assert shown
    for page, name, table in shown:
        cls = OURS[table["uses"]]
        _, problems = structure(cls, table.get("with", {}), (name,), spec)
        assert not problems, f"{page}: {problems}"
        assert set(table.get("needs", {})) <= set(describe(cls).needs), f"{page}: {name}"


def test_every_decision_has_a_number_of_its_own_and_is_listed() -> None:
    files = sorted(path for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    listed = set(Page(ROOT / "docs/adr/README.md").links())
    assert {path.name for path in files} <= listed
    for path in files:
        number, title = int(path.name[:4]), path.read_text().splitlines()[0]
        assert title.startswith(f"# {number}. "), f"{path.name}: {title}"


def test_no_page_holds_a_path_of_this_machine() -> None:
    for page in pages():
        assert not re.search(r"/(work|home|root|tmp)/", page.text), page.name
