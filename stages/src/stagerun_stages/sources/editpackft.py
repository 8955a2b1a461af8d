"""editpackft: instructions to change a Python program, made from commits."""

from __future__ import annotations

from typing import Any

from stagerun import source
from stagerun_stages.sources.edits import edit
from stagerun_stages.sources.talk import text_of

Row = dict[str, Any]


@source(hub="nuprl/EditPackFT", limit=10_000, licence="mit")
def editpackft(row: Row) -> Row:
    """Instructions with the program before and after."""
    before = row.get("old_contents", row.get("input"))
    return edit(text_of(row, "instruction"), before, row.get("new_contents", row.get("output")))
