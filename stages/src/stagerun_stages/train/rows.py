"""Reads rows from a dataset artifact: a JSONL file, a folder of them, or a saved `datasets` folder. No training library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stagerun import Artifact, StageError

Row = dict[str, Any]


def read_rows(data: Artifact) -> list[Row]:
    """Every row; raises StageError for a line that is no JSON object, and when there are none."""
    return list(each_row(data))


def rows_or_none(data: Artifact) -> list[Row]:
    """Every row, if there are any; raises StageError for a line that is no JSON object."""
    return list(_each(data))


def each_row(data: Artifact) -> Iterator[Row]:
    """One row after the other; raises StageError as `read_rows` does, but not before it comes to it."""
    rows = _each(data)
    first = next(rows, None)
    if first is None:
        raise StageError(f"{data.source} has no rows", f"look at {data.local()}")
    yield first
    yield from rows


def row_name(data: Artifact, index: int) -> str:
    """How messages name a row, counted from 1 as editors do."""
    return f"row {index + 1} of {data.source}"


def _each(data: Artifact) -> Iterator[Row]:
    path = data.local()
    return _saved(path) if (path / "dataset_info.json").exists() else _lines(path)


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]


def _lines(path: Path) -> Iterator[Row]:
    for file in _files(path):
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield _parse(line, file, number)


def _parse(line: bytes, file: Path, number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:  # also what is not UTF-8
        raise StageError(f"{file}:{number} is not JSON ({error})", "one JSON object a line is expected") from None
    if not isinstance(row, dict):
        raise StageError(f"{file}:{number} is not a JSON object", "one JSON object a line is expected")
    return row


def _saved(path: Path) -> Iterator[Row]:
    from datasets import load_from_disk

    yield from load_from_disk(str(path))
