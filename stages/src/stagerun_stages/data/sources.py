"""Reads the rows of a source one at a time; a line that cannot be read is a finding with its place, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun import StageError


@frozen
class Found:
    """A line or record of a source: its value, or what is wrong with it. `where` is `file:line` or `folder#record`."""

    where: str
    shown: str  # its beginning, for the report
    value: Any = None
    fault: str = ""


def read(path: Path, name: str, split: str = "train") -> Iterator[Found]:
    """Every line or record; raises StageError for a path that is no source. `name` is how messages call it."""
    if not path.exists():
        raise StageError(f"there is no file {name}", f"put it at {path}, or change the source")
    if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
        yield from _saved(path, name, split)
        return
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise StageError(f"the folder {name} has no .jsonl file and is no saved dataset", f"look at {path}")
    for file in files:
        yield from _lines(file, f"{name}/{file.relative_to(path)}" if path.is_dir() else name)


def parse(text: str) -> Any:
    """The value of a JSON text; raises ValueError, also for NaN and infinities, which Python reads and JSON does not have."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _lines(file: Path, name: str) -> Iterator[Found]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield _line(line, f"{name}:{number}")


def _line(line: bytes, where: str) -> Found:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Found(where, _start(repr(line)), fault="not UTF-8")
    try:
        return Found(where, _start(text), parse(text))
    except (ValueError, RecursionError):
        return Found(where, _start(text), fault="broken JSON")


def _saved(path: Path, name: str, split: str) -> Iterator[Found]:
    from datasets import DatasetDict, load_from_disk

    try:
        data = load_from_disk(str(path))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StageError(f"the saved dataset {name} cannot be read: {error}", f"look at {path}") from error
    if isinstance(data, DatasetDict):
        if split not in data:
            raise StageError(f'{name} has no split "{split}"', f"it has {', '.join(data)}")
        data = data[split]
    for number, row in enumerate(data, 1):
        value = _without_nulls(row)
        yield Found(f"{name}#{number}", _start(json.dumps(value, ensure_ascii=False, default=str)), value)


def _without_nulls(value: Any) -> Any:
    """Arrow gives every record the keys of all the others, as nulls; they were not in the row that was saved."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _start(text: str) -> str:
    return text.strip()[:200]
