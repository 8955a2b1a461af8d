"""Events for programs."""

from __future__ import annotations

import io
import json

from stagerun.render.json_lines import JsonLines

from .conftest import Tell


def test_each_event_is_one_line_of_json_also_the_live_ones(tell: Tell) -> None:
    out = io.StringIO()
    display = JsonLines(out)
    display.show(tell("stage.note", "a", text="two\nlines"))
    display.show(tell("stage.progress", "a", step=3))
    display.stopping("soon")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["kind"], first["seq"], first["text"]) == ("stage.note", 0, "two\nlines")
    assert (second["kind"], second["seq"], second["step"]) == ("stage.progress", -1, 3)
