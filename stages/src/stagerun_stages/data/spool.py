"""Keeps rows on the disk and only their places in memory, so that sources larger than memory can be shuffled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import IO, Any

from attrs import define, field

Place = int  # where a row's line begins


@define
class Spool:
    """Rows in one file that is open for reading and writing, each distinct row once."""

    stream: IO[bytes]
    seen: set[bytes] = field(factory=set)

    def add(self, row: dict[str, Any]) -> Place | None:
        """Append a row and give its place; None when it is there already. Raises UnicodeEncodeError for half a character."""
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        digest = blake2b(line, digest_size=16).digest()
        if digest in self.seen:
            return None
        self.seen.add(digest)
        place = self.stream.tell()
        self.stream.write(line)
        return place

    def lines(self, places: Iterable[Place]) -> Iterator[bytes]:
        """The rows at these places, in the order given, as lines of JSON."""
        for place in places:
            self.stream.seek(place)
            yield self.stream.readline()
