"""Reads rows from files one at a time: JSON Lines, a JSON list, Parquet, a saved data set, or a folder of these.

A line or record that cannot be read is a finding with its place, never a crash; a whole file that cannot be opened is a
StageError. Memory holds a record, or a few dozen of them, whatever the size of the file.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun import StageError
from stagerun_stages.data import json_rows
from stagerun_stages.data.json_rows import SHOWN, Numbered
from stagerun_stages.data.tables import BATCH, parquet, records

Reader = Callable[[Path], Iterator[Numbered]]
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")


@frozen
class Found:
    """A line or record: its value, or its text and what is wrong with it.

    `where` is `file:line` or `folder#record`; `part` the name of its file or split.
    """

    where: str
    value: Any = None
    fault: str = ""
    part: str = ""

    @property
    def shown(self) -> str:
        """Its beginning, for people."""
        whole = isinstance(self.value, str)
        text = self.value if whole else json.dumps(self.value, ensure_ascii=False, default=str)
        return text.strip()[:SHOWN].encode("utf-8", "backslashreplace").decode()


def read(path: Path, name: str, splits: Sequence[str] = ("train",), files: Sequence[str] = ()) -> Iterator[Found]:
    """Every record; raises StageError for a path that is no source. `name` is how messages call it.

    Of a saved data set the `splits` are read; of a folder the `files`, if they are all there, and else every file.
    """
    if not path.exists():
        raise StageError(f"there is no file {name}", f"put it at {path}, or change the source")
    if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
        yield from _saved(path, name, splits)
        return
    for file in _files(path, name, files):
        shown = f"{name}/{file.relative_to(path)}" if path.is_dir() else name
        yield from _file(file, shown, _SHARD.sub("", file.name.partition(".")[0]))


def _files(path: Path, name: str, wanted: Sequence[str]) -> list[Path]:
    if not path.is_dir():
        return [path]
    if wanted and all((path / file).is_file() for file in wanted):
        return [path / file for file in wanted]
    files = sorted(file for file in path.rglob("*") if _reader(file) is not None and not _is_about(file, path))
    if not files:
        raise StageError(
            f"the folder {name} has no {', '.join(READERS)} file and is no saved data set", f"look at {path}"
        )
    return files


def _is_about(file: Path, folder: Path) -> bool:
    """Whether a file is what the hub's tools leave beside the data."""
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return hidden or file.name.startswith("dataset_info")


def _reader(file: Path) -> Reader | None:
    """What reads a file, by its ending; `.gz` behind it is taken off on the way."""
    return READERS.get(Path(file.name.removesuffix(".gz")).suffix)


def _file(file: Path, name: str, part: str) -> Iterator[Found]:
    """The records of a file, each a number with a value, or with a text and what is wrong with it."""
    reader = _reader(file) or json_rows.lines
    try:
        for number, value, fault in reader(file):
            yield Found(f"{name}:{number}", value, fault, part)
    except (OSError, EOFError, ValueError, zlib.error) as error:  # pyarrow's own errors are among these
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise StageError(f"{name} cannot be read: {why}", "it may not be whole: copy or download it again") from error


def _saved(path: Path, name: str, splits: Sequence[str]) -> Iterator[Found]:
    from datasets import DatasetDict, load_from_disk

    try:
        data = load_from_disk(str(path))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StageError(f"the saved data set {name} cannot be read: {error}", f"look at {path}") from error
    pieces = dict(data) if isinstance(data, DatasetDict) else {"": data}
    missing = [split for split in splits if split not in pieces] if isinstance(data, DatasetDict) else []
    if missing:
        raise StageError(f'{name} has no split "{missing[0]}"', f"it has {', '.join(pieces)}")
    for split in splits if isinstance(data, DatasetDict) else pieces:
        number = 0
        for batch in pieces[split].with_format("arrow").iter(batch_size=BATCH):
            for value, fault in records(batch):
                number += 1
                yield Found(f"{name}#{number}", value, fault, split)


READERS: Mapping[str, Reader] = {
    ".jsonl": json_rows.lines,
    ".json": json_rows.records,
    ".ndjson": json_rows.lines,
    ".parquet": parquet,
}
