"""Reads a unified diff, git's or plain: files, hunks, lines. Strict, as every byte is hostile; applying it is patch.py.

The form is git's own (git-diff(1), "Generating patch text with -p"). Text before the first file and a mail's signature are
passed over; binary patches, links and submodules are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import define, field, frozen

from stagerun.tasks.files import LARGEST, fault_of_path, fault_of_text

NOWHERE = "/dev/null"
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: .*)?\Z")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_PLAIN_MODES = ("100644", "100755", "100664")


class BadPatch(ValueError):
    """A patch that is malformed or does not apply; one line that says which hunk of which file."""


@frozen
class Hunk:
    """Lines with their ends. `start` counts from 1; with no old lines, the hunk goes behind that line."""

    number: int
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@define
class FileChange:
    """What happens to one file. `old` is None for a new one, `new` for one that goes."""

    old: str | None = None
    new: str | None = None
    keeps_old: bool = False  # a copy
    hunks: list[Hunk] = field(factory=list)

    @property
    def shown(self) -> str:
        """How messages call it."""
        return self.new or self.old or "?"


def parse(diff: str) -> list[FileChange]:
    """The changes, in order; raises BadPatch."""
    if fault := fault_of_text(diff):
        raise BadPatch(f"the patch cannot be read: {fault}, at most {LARGEST:,} characters of text are expected")
    found = list(_Reader(diff.split("\n")).files())
    if not found:
        raise BadPatch('the patch is empty: no "diff --git" and no "--- " with "+++ " below it was found')
    return found


@define
class _Reader:
    """Walks over the lines; `at` is the next one."""

    lines: list[str]
    at: int = 0

    def files(self) -> Iterator[FileChange]:
        while self.at < len(self.lines):
            if self.lines[self.at].startswith("diff --git "):
                yield self._git()
            elif self._is_header():
                change = FileChange()
                self._header(change)
                self._hunks(change)
                yield change
            elif self.lines[self.at].startswith("@@ -"):
                raise BadPatch(f'line {self.at + 1} begins a hunk of no file, expected "--- " and "+++ " before it')
            else:
                self.at += 1

    def _is_header(self) -> bool:
        pair = self.lines[self.at : self.at + 2]
        return len(pair) == 2 and pair[0].startswith("--- ") and pair[1].startswith("+++ ")

    def _git(self) -> FileChange:
        change = FileChange(*_git_names(self.lines[self.at], self.at + 1))
        self.at += 1
        while self.at < len(self.lines) and self._extended(change, self.lines[self.at].rstrip("\r")):
            self.at += 1
        if self.at < len(self.lines) and self._is_header():
            self._header(change)
            self._hunks(change)
        return change

    def _extended(self, change: FileChange, line: str) -> bool:
        """Take one of git's lines between `diff --git` and `---`; False for any other line."""
        word, _, rest = line.partition(" ")
        if line.startswith(("GIT binary patch", "Binary files ")):
            raise BadPatch(f"{change.shown}: a binary patch cannot be applied, expected text")
        if word in {"rename", "copy"} and rest.startswith(("from ", "to ")):
            side, _, name = rest.partition(" ")
            setattr(change, "old" if side == "from" else "new", _path(name, prefix=""))
            change.keeps_old = word == "copy"
        elif line.startswith(("new file mode ", "deleted file mode ", "new mode ", "old mode ")):
            self._mode(change, line)
        else:
            return word in {"similarity", "dissimilarity", "index"}
        return True

    def _mode(self, change: FileChange, line: str) -> None:
        kind, _, mode = line.rpartition(" ")
        if mode not in _PLAIN_MODES:
            raise BadPatch(f"{change.shown}: mode {mode[:20]!r}, expected a regular file")
        if kind.startswith("new file"):
            change.old = None
        elif kind.startswith("deleted"):
            change.new = None

    def _header(self, change: FileChange) -> None:
        sides = [line[4:].rstrip("\r").partition("\t")[0] for line in self.lines[self.at : self.at + 2]]
        prefixed = all(
            side == NOWHERE or side.lstrip('"').startswith(mark) for side, mark in zip(sides, ("a/", "b/"), strict=True)
        )
        named = [
            None if side == NOWHERE else _path(side, prefix=mark if prefixed else "")
            for side, mark in zip(sides, ("a/", "b/"), strict=True)
        ]
        stated = (change.old, change.new)
        if stated != (None, None) and stated != tuple(named):
            raise BadPatch(f'{change.shown}: line {self.at + 1} names other files than "diff --git" does')
        if named == [None, None]:
            raise BadPatch(f"line {self.at + 1} names no file on either side")
        if stated == (None, None) and None not in named and named[0] != named[1]:
            raise BadPatch(
                f'line {self.at + 1} names two files without "rename from" and "rename to": {named[0]}, {named[1]}'
            )
        change.old, change.new = named
        self.at += 2

    def _hunks(self, change: FileChange) -> None:
        while self.at < len(self.lines) and self.lines[self.at].startswith("@@"):
            change.hunks.append(self._hunk(change, len(change.hunks) + 1))
        if not change.hunks:
            raise BadPatch(f"{change.shown}: no hunk at line {self.at + 1}, expected @@ -LINE,COUNT +LINE,COUNT @@")
        rest = self.lines[self.at] if self.at < len(self.lines) else ""
        if rest[:1] in {" ", "+", "-"} and not self._is_header() and rest.strip() not in {"", "--"}:
            last = change.hunks[-1].number
            raise BadPatch(
                f"hunk {last} of {change.shown}: line {self.at + 1} follows, which its header does not count"
            )

    def _hunk(self, change: FileChange, number: int) -> Hunk:
        where = f"hunk {number} of {change.shown}"
        head = _HUNK.match(self.lines[self.at].rstrip("\r"))
        if head is None:
            raise BadPatch(f"{where}: bad header at line {self.at + 1}, expected @@ -LINE,COUNT +LINE,COUNT @@")
        self.at += 1
        left = {"-": int(head[2] or 1), "+": int(head[4] or 1)}
        sides: dict[str, list[str]] = {"-": [], "+": []}
        while left["-"] > 0 or left["+"] > 0:
            self._line(where, left, sides)
        if min(left.values()) < 0:
            raise BadPatch(f"{where}: it has another number of lines than its header says, up to line {self.at}")
        return Hunk(number, int(head[1]), tuple(sides["-"]), tuple(sides["+"]))

    def _line(self, where: str, left: dict[str, int], sides: dict[str, list[str]]) -> None:
        if self.at >= len(self.lines) or (self.at == len(self.lines) - 1 and not self.lines[self.at]):
            raise BadPatch(f"{where}: the patch ends inside it; {left['-']} old and {left['+']} new lines are missing")
        line = self.lines[self.at]
        mark, text = line[:1] or " ", line[1:]  # mail programs strip the blank of an empty line
        if mark == "\r" and not text:
            mark, text = " ", "\r"
        if mark not in {" ", "-", "+"}:
            raise BadPatch(f"{where}: line {self.at + 1} begins with {mark!r}, expected a blank, - or +")
        self.at += 1
        for side in ("-", "+") if mark == " " else (mark,):
            sides[side].append(f"{text}\n")
            left[side] -= 1
        self._no_newline(sides, mark)

    def _no_newline(self, sides: dict[str, list[str]], mark: str) -> None:
        """Take `\\ No newline at end of file`, which is about the line before."""
        if self.at >= len(self.lines) or not self.lines[self.at].startswith("\\ "):
            return
        self.at += 1
        for side in ("-", "+") if mark == " " else (mark,):
            sides[side][-1] = sides[side][-1][:-1]


def _git_names(line: str, number: int) -> tuple[str | None, str | None]:
    """The two paths of `diff --git a/X b/Y`; where they differ, the lines that follow say them again, unambiguously."""
    rest = line.removeprefix("diff --git ").rstrip("\r")
    if rest.startswith('"') or rest.endswith('"'):
        return _quoted_names(rest, number)
    half = len(rest) // 2
    if len(rest) % 2 and rest[half] == " " and rest[2:half] == rest[half + 3 :]:
        return _path(rest[:half], "a/"), _path(rest[half + 1 :], "b/")
    old, _, new = rest.partition(" b/")
    return _path(old, "a/"), _path(f"b/{new}", "b/")


def _quoted_names(rest: str, number: int) -> tuple[str, str]:
    """The two paths where one or both stand in quotes."""
    first = _QUOTED.match(rest)
    if first is not None:
        old, new = first.group(), rest[first.end() + 1 :]
    else:
        old, _, new = rest.partition(' "')
        new = f'"{new}'
    if not old or not new:
        raise BadPatch(f'line {number}: bad "diff --git", expected two paths')
    return _path(old, "a/"), _path(new, "b/")


def _path(text: str, prefix: str) -> str:
    """A path without quotes and prefix; raises BadPatch for one that leads outside."""
    name = _unquoted(text) if text.startswith('"') else text
    if prefix and not name.startswith(prefix):
        raise BadPatch(f"the path {name[:100]!r} does not begin with {prefix!r}, as git writes it")
    name = name[len(prefix) :]
    if fault := fault_of_path(name):
        raise BadPatch(f"the path {name[:100]!r} is refused: {fault}")
    return name


def _unquoted(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        raise BadPatch(f"the path {text[:100]!r} has a quote that does not close")

    def letter(found: re.Match[bytes]) -> bytes:
        code = found.group(1)
        return bytes([int(code, 8) & 255]) if len(code) == 3 else _LETTERS.get(code, code)

    try:
        return _ESCAPE.sub(letter, quoted.group(1).encode()).decode()
    except UnicodeDecodeError:
        raise BadPatch(f"the path {text[:100]!r} is not UTF-8") from None
