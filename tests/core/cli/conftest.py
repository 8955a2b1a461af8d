"""The command line, called in this process: what it prints and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from attrs import frozen
from workshop import Workshop

from stagerun.cli import main

PIPELINE = """\
[demo]

[stages.data]
uses = "test.make"
with = { text = "one", metric = 3.0 }
gates = [{ uses = "metric", metric = "size", max = 2.0 }]

[stages.after]
uses = "test.make"
needs = { before = ["data.train"] }
"""


@frozen
class Said:
    """What a command left."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, workshop: Workshop) -> Say:
    """Types a command in the workshop's folder."""
    monkeypatch.chdir(workshop.root)
    monkeypatch.setenv("LOGNAME", "anna")

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["stagerun", *words])
        code = main()
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call
