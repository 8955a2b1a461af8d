"""Reads JSON Lines, plain or gzipped, one object a line; every complaint names file and line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from stagerun.errors import StageError

LONGEST = 64_000_000  # bytes of a line
SAY = "one JSON object a line is expected"


def json_lines(path: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows, each with its place `name:line`; raises StageError for what is none."""
    try:
        with _open(path) as stream:
            number = 0
            while line := stream.readline(LONGEST):
                number += 1
                if line.strip():
                    yield f"{name}:{number}", _row(line, f"{name}:{number}")
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise StageError(f"{name} cannot be read: {why}", "it may not be whole: copy it again") from None


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.name.endswith(".gz") else path.open("rb")


def _row(line: bytes, place: str) -> dict[str, Any]:
    if len(line) == LONGEST and not line.endswith(b"\n"):
        raise StageError(f"{place} is longer than {LONGEST:,} bytes", SAY)
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # also what is not UTF-8
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise StageError(f"{place} is not JSON ({why})", SAY) from None
    if not isinstance(row, dict):
        raise StageError(f"{place} is not a JSON object", SAY)
    return row
