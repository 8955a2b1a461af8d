"""Reads the JSON lines of rustc, clippy and cargo into the one schema. Text that is not theirs is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stagerun.contracts import Diagnostic

SEVERITIES = {
    "error": "error",
    "error: internal compiler error": "error",
    "warning": "warning",
    "note": "note",
    "help": "note",
}
LONGEST = 1500  # characters of a message
MOST = 50


def read(text: str) -> tuple[Diagnostic, ...]:
    """Errors and warnings that point to code or say what is wrong with the whole; at most `MOST`, errors first."""
    found = list(dict.fromkeys(_read(text)))
    return tuple(sorted(found, key=lambda each: each.severity != "error")[:MOST])


def _read(text: str) -> Iterator[Diagnostic]:
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        message = row.get("message") if isinstance(row, dict) and row.get("reason") == "compiler-message" else row
        if isinstance(message, dict) and (made := _made(message)):
            yield made


def _made(message: dict[str, Any]) -> Diagnostic | None:
    said, level = str(message.get("message", "")), SEVERITIES.get(str(message.get("level", "")), "")
    code = message.get("code")
    name = str(code.get("code", "")) if isinstance(code, dict) else ""
    summing_up = said.startswith("aborting due to") or (said.endswith("emitted") and "warning" in said)
    if level not in {"error", "warning"} or summing_up:
        return None
    file, line = _place(message.get("spans"))
    tool = "clippy" if name.startswith("clippy::") else "rustc"
    return Diagnostic(file, line, said[:LONGEST], level, name, tool)


def _place(spans: object) -> tuple[str, int]:
    for span in spans if isinstance(spans, list) else []:
        if isinstance(span, dict) and span.get("is_primary"):
            line = span.get("line_start")
            return str(span.get("file_name", "")), line if isinstance(line, int) else 0
    return "", 0
