"""The live table on a terminal."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from stagerun import Plan
from stagerun.render.display import display_for
from stagerun.render.json_lines import JsonLines
from stagerun.render.plain import Plain
from stagerun.render.rich_live import RichLive, console_for

from .conftest import Tell


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.delenv("NO_COLOR", raising=False)


def drawn(display: RichLive, width: int) -> list[str]:
    """The table as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=width, height=30, color_system=None, highlight=False)
    display.console = console
    console.print(display.render())
    return out.getvalue().splitlines()


def training(plan: Plan, tell: Tell) -> RichLive:
    display = RichLive(plan, console_for(Terminal()), clock=lambda: 1020.0)
    display.view.add(tell("run.started", stages=list(plan.stages)))
    display.view.add(tell("stage.started", "train", attempt=1))
    for step in range(1, 11):
        display.view.add(tell("stage.progress", "train", at=step * 2.0, step=step, total=100))
        display.view.add(tell("stage.progress", "train", at=step * 2.0, step=step, metrics={"loss": 0.5, "lr": 2e-5}))
    gate = {"gate": "loss", "hard": True, "passed": False, "text": "loss 0.5 > 0.1", "evidence": {}, "fingerprint": ""}
    display.view.add(tell("gate.judged", "train", **gate))
    return display


def test_a_running_stage_has_a_bar_steps_metrics_times_and_gates(plan: Plan, tell: Tell) -> None:
    (line,) = [line for line in drawn(training(plan, tell), 140) if "train" in line]
    assert re.search(
        r"train +[━╸╺]+ +10/100 loss 0.5, lr 2e-05 +20 s +3 min 00 s left \+-36 s FAILED loss 0.5 > 0.1", line
    )


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(plan: Plan, tell: Tell, width: int) -> None:
    lines = drawn(training(plan, tell), width)
    assert max(len(line) for line in lines) <= width


def test_a_stranger_s_words_are_neither_markup_nor_escape_codes(plan: Plan, tell: Tell) -> None:
    out = Terminal()
    display = RichLive(plan, console_for(out))
    display.show(tell("stage.note", "train", text="[bold]see[/bold] \x1b]0;title\x07 :smile:"))
    assert "[train] [bold]see[/bold] \ufffd]0;title\ufffd :smile:" in out.getvalue()


def test_the_finished_table_and_the_summary_stay_on_the_screen(plan: Plan, tell: Tell) -> None:
    out = Terminal()
    display = RichLive(plan, console_for(out))
    display.show(tell("run.started", stages=list(plan.stages)))
    display.show(tell("stage.skipped", "data", status="up-to-date", reason="up to date"))
    display.show(tell("run.finished", status="done", exit_code=0))
    display.finish(display.view.record, None)
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    after = text[text.rindex("= data") :]
    assert "done after" in after
    assert "1 stage up to date: data" in after
    assert "data.train (dataset)" in after


def test_no_colour_code_is_written_when_the_user_wants_none(
    plan: Plan, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    display = RichLive(plan, console_for(out))
    display.show(tell("run.started", stages=list(plan.stages)))
    display.show(tell("stage.failed", "data", message="boom", reason="killed"))
    display.finish(display.view.record, None)
    assert not re.search(r"\x1b\[[\d;]*3[0-7]m", out.getvalue())


def test_the_display_suits_the_output(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(display_for(plan, Terminal()), RichLive)
    assert isinstance(display_for(plan, io.StringIO()), Plain)
    assert isinstance(display_for(plan, Terminal(), plain=True), Plain)
    assert isinstance(display_for(plan, Terminal(), json=True), JsonLines)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(display_for(plan, Terminal()), Plain)


def test_each_warning_before_the_run_is_a_line_of_its_own_above_the_table(plan: Plan, tell: Tell) -> None:
    out = Terminal()
    RichLive(plan, console_for(out)).show(
        tell("run.checked", skipped=["disk"], warnings=["heat fan: loud", "disk slow"])
    )
    lines = [line for line in re.sub(r"\x1b\[[\d;]*m", "", out.getvalue()).splitlines() if line]
    skipped = "[run] not checked before the run, as asked: disk"
    assert lines == [skipped, "[run] warning: heat fan: loud", "[run] warning: disk slow"]
