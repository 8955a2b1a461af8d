"""What commitpackft and editpackft have in common: a request, a file before it and after it."""

from __future__ import annotations

from typing import Any

from stagerun import DropRow
from stagerun_stages.sources.talk import says

FARTHEST = 8000  # characters between the lengths of the file before and after


def edit(request: str, before: Any, after: Any, name: str = "") -> dict[str, Any]:
    """The request and the file as a question, the whole new file as its answer; raises DropRow for an edit of no use."""
    if not isinstance(before, str) or not isinstance(after, str):
        raise DropRow("no contents before or after")
    if not after.strip():
        raise DropRow("nothing left of the file")
    if before == after:
        raise DropRow("nothing changed")
    if abs(len(after) - len(before)) > FARTHEST:
        raise DropRow(f"more than {FARTHEST} characters longer or shorter")
    return {
        "messages": [says("user", _question(request.strip(), before, name)), says("assistant", _block(after, name))]
    }


def _question(request: str, before: str, name: str) -> str:
    if not before.strip():
        return f"{request}\n\nWrite the file{f' {name}' if name else ''}."
    return f"{request}\n\nThe file{f' {name}' if name else ''} as it is:\n\n{_block(before, name)}"


def _block(contents: str, name: str) -> str:
    """A fenced block; the fence is longer than any in the file."""
    fence = "```"
    while fence in contents:
        fence += "`"
    ending = name.rpartition(".")[2] if "." in name else ""
    return f"{fence}{ending}\n{contents.rstrip()}\n{fence}"
