"""Keeps rows on the disk and only their places in memory, so that sources larger than memory can be shuffled."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import IO, Any

from attrs import define, field

from stagerun import DropRow

_SPECIAL = re.compile(r"<\|\w+\|>")


@define
class Spool:
    """Rows in one file that is open for reading and writing, each distinct row once; a row's number is its place in the order."""

    stream: IO[bytes]
    longest: int  # characters of a row
    places: array[int] = field(factory=lambda: array("q"))
    seen: set[bytes] = field(factory=set)

    def add(self, row: dict[str, Any]) -> int | None:
        """Append a row and give its number; None when it is there already. Raises DropRow for one that cannot be written."""
        line = self._line(row)
        digest = blake2b(line, digest_size=16).digest()
        if digest in self.seen:
            return None
        self.seen.add(digest)
        self.places.append(self.stream.tell())
        self.stream.write(line)
        return len(self.places) - 1

    def _line(self, row: dict[str, Any]) -> bytes:
        try:
            text = json.dumps(row, ensure_ascii=False, allow_nan=False)
            if len(text) > self.longest:
                raise DropRow(f"longer than {self.longest} characters")
            if _SPECIAL.search(text):  # it would become a real one
                raise DropRow("a special token in the text")
            return text.encode() + b"\n"
        except UnicodeEncodeError:
            raise DropRow("half a character") from None
        except ValueError:
            raise DropRow("a number that JSON does not have") from None
        except RecursionError:
            raise DropRow("nested too deep") from None

    def lines(self, rows: Iterable[int]) -> Iterator[bytes]:
        """The rows with these numbers, in the order given, as lines of JSON."""
        for row in rows:
            self.stream.seek(self.places[row])
            yield self.stream.readline()
