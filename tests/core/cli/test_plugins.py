"""`stagerun plugins`, and the commands that plugins bring."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import pytest
from attrs import define

from stagerun.cli.about import first_line
from stagerun.cli.app import Commands
from stagerun.cli.listing import lines, listed
from stagerun.registry import Entry

from .conftest import Say


def test_every_name_is_listed_with_its_distribution_and_what_it_is_for(say: Say) -> None:
    said = say("plugins")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if line.startswith("  test.make ")]
    assert line.endswith("  stagerun-testkit 0.1: A light stage that writes a text.")


def test_listing_loads_nothing(say: Say) -> None:
    sys.modules.pop("teststages", None)
    say("plugins")
    assert "teststages" not in sys.modules


def test_check_names_what_cannot_be_loaded_with_its_error(say: Say) -> None:
    said = say("plugins", "--check")
    assert said.code == 1
    (line,) = [line for line in said.out.splitlines() if line.startswith("  test.broken ")]
    assert "stagerun-testkit 0.1, CANNOT BE LOADED: ModuleNotFoundError: No module named 'teststages_missing'" in line


def test_json_has_every_claim(say: Say) -> None:
    rows = json.loads(say("plugins", "--json").out)
    (row,) = [row for row in rows if row["name"] == "test.take"]
    assert (row["kind"], row["dist"], row["entry"]) == ("stages", "stagerun-testkit", "teststages:Take")


def test_a_name_claimed_twice_is_marked_with_both_distributions() -> None:
    rows = listed([Entry("stages", "x", "a:A", "one", "1"), Entry("stages", "x", "b:B", "two", "2")], check=False)
    assert list(lines(rows)) == [
        "stages:",
        "  x  one 1, CLAIMED ALSO BY two 2: uninstall one",
        "  x  two 2, CLAIMED ALSO BY one 1: uninstall one",
    ]


def test_hook_plugins_may_share_a_name() -> None:
    rows = listed([Entry("hooks", "x", "a", "one", "1"), Entry("hooks", "x", "b", "two", "2")], check=False)
    assert [row.clash for row in rows] == [(), ()]


def test_nothing_installed_is_said() -> None:
    assert list(lines([])) == ["nothing is installed"]


def test_the_first_line_of_a_docstring_is_read_without_running_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "loud.py").write_text(
        '"""The module."""\nraise SystemExit\nclass A:\n    """Does this.\n\n    More."""\n'
    )
    (tmp_path / "broken.py").write_text("def (:\n")
    assert first_line("loud:A") == "Does this."
    assert first_line("loud:missing") == "The module."
    assert first_line("broken:A") == ""
    assert first_line("nowhere:A") == ""


def test_a_plugin_s_command_cannot_take_the_place_of_ours() -> None:
    with pytest.raises(ValueError, match='there is already a command "run"'):
        Commands().add_command(click.Command("run"))


@define
class Installed:
    """Makes a hook plugin findable as if it were installed."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, text: str) -> None:
        info = self.folder / "greeter-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greeter\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[stagerun]\ngreeter = greeter_plugin\n")
        (self.folder / "greeter_plugin.py").write_text(text)
        self.monkeypatch.syspath_prepend(self.folder)
        self.monkeypatch.setenv("STAGERUN_CACHE", str(self.folder / "cache"))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.delitem(sys.modules, "greeter_plugin", raising=False)
    return Installed(folder, monkeypatch)


GREETER = """
import click
from stagerun.hookspecs import impl

@impl
def stagerun_add_command(commands):
    @commands.command("greet", short_help="Say hello.")
    @click.argument("name")
    def greet(name):
        click.echo(f"hello {name}")
"""


def test_a_plugin_s_command_is_listed_and_run(install: Installed, say: Say) -> None:
    install(GREETER)
    assert ["greet", "Say", "hello."] in [line.split() for line in say("--help").out.splitlines()]
    assert say("greet", "you").out == "hello you\n"


def test_a_plugin_that_fails_to_add_its_command_is_named_and_the_others_work(install: Installed, say: Say) -> None:
    install(GREETER.replace("    @commands", "    1 / 0\n    @commands"))
    said = say("--help")
    assert said.code == 0
    assert said.err == (
        "warning: plugin greeter (greeter): stagerun_add_command failed: ZeroDivisionError: division by zero\n"
    )
