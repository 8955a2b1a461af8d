"""Digests of files, cached by size, time and inode: an up-to-date plan never rereads a 40 GB model."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import define, field

from stagerun.model.seal import combine, file_digest, files_below, write_json

LARGE = 10**9  # bytes; reading so much takes a second or more
Signature = list[int]  # mtime in ns, size in bytes, inode


def signature(path: Path | str) -> Signature:
    """What tells a changed file from the one that was digested, without reading it."""
    found = os.stat(path)  # noqa: PTH116 - a thousand of these make up a no-op run
    return [found.st_mtime_ns, found.st_size, found.st_ino]


@define
class DigestCache:
    """`.state/digests.json` of a run directory: absolute path -> signature and hex SHA-256.

    `bytes_read` counts what had to be read; a cache that is lost costs time, nothing else.
    """

    path: Path
    announce: Callable[[Path, int], None] | None = None  # told of a file of LARGE bytes or more before it is read
    bytes_read: int = 0
    _known: dict[str, tuple[Signature, str]] = field(factory=dict)
    _dirty: bool = False

    def load(self) -> DigestCache:
        """Read the cache file, if there is one."""
        with suppress(OSError, ValueError, AttributeError):
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            self._known = {name: (row[0], row[1]) for name, row in rows.items()}
        return self

    def save(self) -> None:
        """Write it back when anything is new; a disk that cannot be written is not an error here."""
        if self._dirty:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_json(self.path, self._known)
                self._dirty = False

    def file(self, path: Path) -> str:
        """Hex SHA-256 of a file; raises OSError."""
        mark, name = signature(path), str(path)
        known = self._known.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        if self.announce is not None and mark[1] >= LARGE:
            self.announce(path, mark[1])
        digest = file_digest(path)
        self.bytes_read += mark[1]
        self.learn(path, digest, mark)
        return digest

    def learn(self, path: Path, digest: str, mark: Signature | None = None) -> None:
        """Take over a digest that is known already."""
        self._known[str(path)] = (mark or signature(path), digest)
        self._dirty = True

    @property
    def known(self) -> Mapping[str, tuple[Signature, str]]:
        """Absolute path -> signature and digest."""
        return self._known

    def take_over(self, known: Mapping[str, tuple[Signature, str]]) -> None:
        """Take over what another cache learned."""
        for name, row in known.items():
            if self._known.get(name) != row:
                self._known[name] = row
                self._dirty = True

    def outside(self, path: Path) -> str:
        """The artifact digest of a file or folder outside the graph; raises FileNotFoundError and other OSErrors."""
        if not path.exists():
            raise FileNotFoundError(path)
        return combine({name: self.file(path / name) for name in files_below(path)})
