"""A small plan and events of a run of it, as the displays get them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from workshop import Workshop

from stagerun import Event, Plan

PIPELINE = """\
[demo]
about = "two stages"

[stages.data]
uses = "test.make"
with.text = "one"

[stages.train]
uses = "test.count"
after = ["data"]
gates = [{ uses = "metric", metric = "loss", max = 0.1 }]

[stages.extra]
uses = "test.make"
optional = true
with.external = ["nowhere.txt"]
"""

Tell = Callable[..., Event]


@pytest.fixture
def plan(workshop: Workshop) -> Plan:
    workshop.write(PIPELINE)
    return workshop.plan()


@pytest.fixture
def tell() -> Tell:
    """Makes events in order; `at` is their time in seconds since the run began."""
    seq = 0

    def make(kind: str, stage: str | None = None, at: float = 0.0, **data: Any) -> Event:
        nonlocal seq
        number = -1 if kind == "stage.progress" else seq
        seq += kind != "stage.progress"
        return Event(kind, stage, data, seq=number, time=1000.0 + at, run="r")

    return make
