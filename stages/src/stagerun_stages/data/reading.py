"""Reads rows from files one at a time: JSON Lines, a JSON list, Parquet, a saved data set, or a folder of these.

A line or record that cannot be read is a finding with its place, never a crash; a whole file that cannot be opened is a
StageError. Memory holds a record, or a few dozen of them, whatever the size of the file.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from stagerun import StageError

LONGEST = 32 * 2**20  # bytes of a line; what is longer is not read into memory
SHOWN = 200  # characters of a row in the report
BATCH = 32  # records of a table taken at once
CHUNK = 2**16  # characters of a JSON list read at once
_BETWEEN = re.compile(r"[\s,]*")
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


def parse(text: str) -> Any:
    """The value of a JSON text; raises ValueError, also for NaN and infinities, which Python reads and JSON does not have."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


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


def _reader(file: Path) -> Callable[[Path], Iterator[tuple[int, Any, str]]] | None:
    """What reads a file, by its ending; `.gz` behind it is taken off on the way."""
    return READERS.get(Path(file.name.removesuffix(".gz")).suffix)


def _file(file: Path, name: str, part: str) -> Iterator[Found]:
    """The records of a file, each a number with a value, or with a text and what is wrong with it."""
    reader = _reader(file) or _lines
    try:
        for number, value, fault in reader(file):
            yield Found(f"{name}:{number}", value, fault, part)
    except (OSError, EOFError, ValueError, zlib.error) as error:  # pyarrow's own errors are among these
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise StageError(f"{name} cannot be read: {why}", "it may not be whole: copy or download it again") from error


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]


# ---- JSON


def _lines(file: Path) -> Iterator[tuple[int, Any, str]]:
    with _open(file) as stream:
        number = 0
        while line := stream.readline(LONGEST):
            number += 1
            if len(line) == LONGEST and not line.endswith(b"\n"):
                _skip_line(stream)
                yield number, repr(line[:SHOWN]), f"a line of more than {LONGEST >> 20} MiB"
            elif line.strip():
                yield number, *_line(line)


def _skip_line(stream: IO[bytes]) -> None:
    while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
        pass


def _line(line: bytes) -> tuple[Any, str]:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return repr(line[:SHOWN]), "not UTF-8"
    try:
        return parse(text), ""
    except (ValueError, RecursionError):
        return text, "broken JSON"


def _json(file: Path) -> Iterator[tuple[int, Any, str]]:
    """A list of records, read one at a time; a file that begins otherwise is read line by line."""
    with _open(file) as stream:
        opening = stream.read(SHOWN).removeprefix(b"\xef\xbb\xbf").lstrip()
    yield from _list(file) if opening.startswith(b"[") else _lines(file)


def _next(text: str, at: int) -> int:
    """The place of the next record; blanks and commas are stepped over."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _list(file: Path) -> Iterator[tuple[int, Any, str]]:
    """Bytes that are not UTF-8 become halves of characters here, which drop their row when it is written."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    with _open(file) as raw, io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape") as stream:
        text, at, number = stream.read(CHUNK).lstrip(), 1, 0
        while True:
            at = _next(text, at)
            try:
                value, at = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                added = stream.read(max(CHUNK, len(text) - at)) if len(text) - at < LONGEST else ""
                if not added:
                    break
                text, at = text[at:] + added, 0
            else:
                number += 1
                yield number, value, ""
    if text[at : at + 1] != "]":
        yield number + 1, text[at : at + SHOWN], "broken JSON, and with it all that follows"


# ---- tables


def _parquet(file: Path) -> Iterator[tuple[int, Any, str]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(file) as table:
        number = 0
        for batch in table.iter_batches(batch_size=BATCH):
            for value, fault in _records(batch):
                number += 1
                yield number, value, fault


def _records(batch: Any) -> Iterator[tuple[Any, str]]:
    """The records of a table's piece; one whose text is not UTF-8 does not take the others with it."""
    try:
        yield from ((without_nulls(row), "") for row in batch.to_pylist())
    except UnicodeDecodeError:
        for place in range(len(batch)):
            try:
                yield without_nulls(batch.slice(place, 1).to_pylist()[0]), ""
            except UnicodeDecodeError:
                yield "", "not UTF-8"


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
            for value, fault in _records(batch):
                number += 1
                yield Found(f"{name}#{number}", value, fault, split)


def without_nulls(value: Any) -> Any:
    """Arrow gives every record the keys of all the others, as nulls; they were not in the row that was saved."""
    if isinstance(value, Mapping):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


READERS: Mapping[str, Callable[[Path], Iterator[tuple[int, Any, str]]]] = {
    ".jsonl": _lines,
    ".json": _json,
    ".ndjson": _lines,
    ".parquet": _parquet,
}
