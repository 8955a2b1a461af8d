"""An isolation from another distribution, in a keeper of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stagerun_evaluators.judge.slot import Slot
from stagerun_evaluators.keeper.wire import Answer, CompletedRow, Job, Purpose
from stagerun_evaluators.sandbox.probing import probe

from .boxes import command

HERE = str(Path(__file__).parent)
ZYGOTE = """
import os
def prepare():
    os.environ["PREPARED"] = "yes"
def main():
    print(os.environ.get("LAUNCHED", "forked"), os.environ.get("PREPARED"))
"""
Ask = Callable[..., CompletedRow]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Run one command in a class of `theirs`, as a zygote's when its script is given."""
    slots = []

    def one(name: str, *argv: str, zygote: str = "") -> CompletedRow:
        purpose = Purpose(sandbox=f"theirs:{name}", paths=[HERE], site=[], zygote=zygote, reads=[])
        slots.append(slot := Slot(purpose))
        answer: Answer = slot.request(Job(files={}, commands=[command(*argv)], chains=[[0]], given={}, root=""))
        row = answer["done"][0]
        assert row is not None
        return row

    yield one
    for slot in slots:
        slot.close()


@pytest.fixture
def script(tmp_path: Path) -> str:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "zygote.py").write_text(ZYGOTE)
    return str(tmp_path / "zygote.py")


def test_a_launcher_s_command_line_is_what_is_started(ask: Ask) -> None:
    done = ask("Launcher", "sh", "-c", 'test "$LAUNCHED" = "$HOME" && echo mark; echo report >&3; exit 3')
    assert (done["stdout"], done["report"], done["returncode"]) == ("mark\n", "report\n", 3)


def test_with_a_launcher_a_zygote_s_script_is_started_from_nothing(ask: Ask, script: str) -> None:
    done = ask("Launcher", script, zygote=script)
    assert done["stdout"].endswith(" yes\n"), done["stderr"]
    assert not done["stdout"].startswith("forked")


def test_what_confines_the_forked_process_runs_zygotes_warm(ask: Ask, script: str) -> None:
    assert ask("InProcess", script, zygote=script)["stdout"].startswith("forked")
    assert ask("InProcess", "sh", "-c", "ulimit -n")["stdout"] == "24\n"


def test_a_command_that_could_not_be_confined_is_not_run(ask: Ask) -> None:
    done = ask("Broken", "echo", "never")
    assert (done["returncode"], done["stdout"]) == (127, "")
    assert "cannot confine below" in done["stderr"]


def test_one_that_is_refused_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    assert probe("theirs:Refused").reason == "this machine has no such thing"
