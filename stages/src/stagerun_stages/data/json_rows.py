"""Reads records of JSON: a line each, or the items of a list, one at a time whatever the size of the file."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

LONGEST = 32 * 2**20  # bytes of a line; what is longer is not read into memory
CHUNK = 2**16  # characters of a list read at once
SHOWN = 200  # characters of what is broken
_BETWEEN = re.compile(r"[\s,]*")

Numbered = tuple[int, Any, str]  # of a record: its number, its value or its beginning, and what is wrong with it


def parse(text: str) -> Any:
    """The value of a JSON text; raises ValueError, also for NaN and infinities, which Python reads and JSON does not have."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def lines(file: Path) -> Iterator[Numbered]:
    """One record a line; blank lines are passed over."""
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


def records(file: Path) -> Iterator[Numbered]:
    """A list of records, read one at a time; a file that begins otherwise is read line by line."""
    with _open(file) as stream:
        opening = stream.read(SHOWN).removeprefix(b"\xef\xbb\xbf").lstrip()
    yield from _list(file) if opening.startswith(b"[") else lines(file)


def _next(text: str, at: int) -> int:
    """The place of the next record; blanks and commas are stepped over."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _list(file: Path) -> Iterator[Numbered]:
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


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]
