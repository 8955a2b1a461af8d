"""Reads text files below a folder that a stranger made: no links, no binaries, nothing huge, nothing outside.

Not covered: a folder that somebody changes while it is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from stagerun.errors import StageError

LARGEST = 4_000_000  # bytes of one file
MOST = 2_000  # files of one task
LONGEST = 240  # characters of a path, and what most file systems take of one name
LEFT_OUT = frozenset({"__pycache__", ".DS_Store"})  # what interpreters and file managers leave behind


def fault_of_path(name: str) -> str:
    """Why a relative path cannot be laid below a folder; the empty string when it can."""
    path = PurePosixPath(name)
    if not path.parts or name.endswith("/"):
        return "it names no file"
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        return "it leads outside"
    if len(name) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    return "" if name.isprintable() else "it has characters that cannot be printed"


def fault_of_text(text: str) -> str:
    """Why a text is no source text; the empty string when it is one."""
    if "\0" in text:
        return "it is binary"
    if len(text) > LARGEST:
        return f"it has more than {LARGEST:,} characters"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it has half a surrogate pair, which UTF-8 cannot say"
    return ""


def read_text(path: Path, shown: str) -> str:
    """A UTF-8 text with its line ends as they are; raises StageError for whatever else is there."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise StageError(f"{shown} is no regular file", "a task is made of text files")
            data = stream.read(LARGEST + 1)
    except OSError as error:
        why = "is a link" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise StageError(f"{shown} {why}", "a task is made of text files") from None
    if len(data) > LARGEST:
        raise StageError(f"{shown} has more than {LARGEST:,} bytes", "make it smaller")
    if b"\0" in data:
        raise StageError(f"{shown} is binary", "a task is made of text files")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise StageError(f"{shown} is not UTF-8 (byte {error.start})", "a task is made of text files") from None


def read_below(folder: Path, inner: str, name: str) -> str:
    """The text at a relative path, no part of which is a link; raises StageError."""
    for part in list(PurePosixPath(inner).parents)[:-1]:
        if (folder / part).is_symlink():
            raise StageError(f"{name}/{part} is a link", "a task is made of folders and text files")
    return read_text(folder / inner, f"{name}/{inner}")


def read_tree(root: Path, shown: str) -> dict[str, str]:
    """Every file below `root` by its relative path with `/`, sorted; empty when there is no such folder."""
    if root.is_symlink():
        raise StageError(f"{shown} is a link", "a task is made of folders and text files")
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        for name in [*folders, *sorted(set(names) - LEFT_OUT)]:
            path = Path(folder) / name
            inner = path.relative_to(root).as_posix()
            if path.is_symlink() or name in names:
                found[inner] = read_text(path, f"{shown}/{inner}")
        if len(found) > MOST:
            raise StageError(f"{shown} has more than {MOST:,} files", "make the task smaller")
    return dict(sorted(found.items()))
