"""Sealed folders: a manifest of digests, written last, tells a whole folder from a torn or damaged one.

Not covered: protection against somebody who rewrites the manifest too; it guards against kills, full disks and bad copies.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

MANIFEST = "manifest.json"


@frozen
class Sealed:
    """What the manifest of a whole folder says."""

    files: Mapping[str, str]  # relative path -> hex sha256
    sizes: Mapping[str, int]  # relative path -> bytes
    facts: Mapping[str, Any]  # what the sealer added


class Damaged(Exception):
    """The folder has no manifest or does not match it; the text names the first difference."""


def file_digest(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_below(root: Path) -> list[str]:
    """Relative paths of every regular file below `root`, sorted; the manifest itself is left out."""
    if root.is_file():
        return [""]
    found = []
    for folder, _, names in os.walk(root):
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]  # noqa: PTH118 - hot for big trees
    return sorted(name for name in found if name != MANIFEST)


def combine(files: Mapping[str, str], base: str = "") -> str:
    """One digest, `sha256:...`, over named file digests and the digest of what they build on."""
    rows = [f"{name}\0{digest}\n" for name, digest in sorted(files.items())]
    return "sha256:" + hashlib.sha256("".join([base, "\n", *rows]).encode()).hexdigest()


def write_json(path: Path, value: Any, *, sync: bool = False) -> None:
    """Replace a JSON file in one step, so that a reader sees the old text or the new one and nothing between."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(_text(value))
        if sync:
            stream.flush()
            os.fsync(stream.fileno())
    partial.replace(path)


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n"


def measure(root: Path) -> Sealed:
    """Digest every file below `root`, without facts yet."""
    names = files_below(root)
    files = {name: file_digest(root / name) for name in names}
    return Sealed(files, {name: (root / name).stat().st_size for name in names}, {})


def write_seal(root: Path, sealed: Sealed, facts: Mapping[str, Any], *, sync: bool = False) -> None:
    """Write the manifest, last of all; `sync` forces the files and the manifest to the disk."""
    if sync:
        _sync(root / name for name in sealed.files)
    rows = {name: {"sha256": digest, "bytes": sealed.sizes[name]} for name, digest in sealed.files.items()}
    value = {"files": rows, **facts}
    write_json(root / MANIFEST, {**value, "seal": _seal_of(value)}, sync=sync)


def _seal_of(value: Mapping[str, Any]) -> str:
    """The manifest's digest of itself: a flipped byte there must show as well."""
    return hashlib.sha256(_text(value).encode()).hexdigest()


def seal(root: Path, facts: Mapping[str, Any], *, sync: bool = False) -> Sealed:
    """Measure and write the manifest in one go."""
    sealed = measure(root)
    write_seal(root, sealed, facts, sync=sync)
    return sealed


def read_seal(root: Path) -> Sealed:
    """Read the manifest and check names and sizes, not contents; raises Damaged."""
    try:
        text = (root / MANIFEST).read_text(encoding="utf-8")
        value = json.loads(text)
        if value.pop("seal") != _seal_of(value) or not text.endswith("}\n"):
            raise Damaged("its manifest was changed after it was sealed")
        rows = value.pop("files")
        sealed = Sealed(
            {name: row["sha256"] for name, row in rows.items()},
            {name: row["bytes"] for name, row in rows.items()},
            value,
        )
    except FileNotFoundError:
        raise Damaged("it has no manifest: it was never finished") from None
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Damaged(f"its manifest cannot be read ({type(error).__name__})") from None
    for name, size in sealed.sizes.items():
        try:
            found = (root / name).stat().st_size
        except OSError:
            raise Damaged(f"{name} is missing") from None
        if found != size:
            raise Damaged(f"{name} has {found} bytes, sealed with {size}")
    return sealed


def verify(root: Path) -> Sealed:
    """Read the manifest and check every byte; raises Damaged."""
    sealed = read_seal(root)
    for name, digest in sealed.files.items():
        if file_digest(root / name) != digest:
            raise Damaged(f"{name} has other contents than were sealed")
    return sealed


def _sync(paths: Iterable[Path]) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
