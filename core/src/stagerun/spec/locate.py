"""Find the line on which each key of a TOML text stands, because tomllib tells none for a text that is valid.

It scans, it does not judge: the text must be one that tomllib has accepted, so that only keys, brackets, strings and
comments need to be told apart. A place is a tuple of keys, with the index of a list as text: `("a", "0", "b")`.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Lines = dict[tuple[str, ...], int]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^\s,\]}#]+(?: \d\d:\d\d[^\s,\]}#]*)?")  # a date and its time may be parted by a blank
_DOT = re.compile(r"[ \t]*\.[ \t]*")


def locate(text: str) -> Lines:
    """Map every place in `text` (valid TOML) to its line, counted from 1.

    A table is located at its own header where it has one, else where it is first named.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return {**scanner.implied, **scanner.written}


class _Scanner:
    """Walks once over the text; `at` is the position reached."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.starts = [0] + [match.end() for match in re.finditer("\n", text)]
        self.written: Lines = {}
        self.implied: Lines = {}
        self.sizes: dict[tuple[str, ...], int] = {}  # arrays of tables: how many were opened

    def document(self) -> None:
        table: tuple[str, ...] = ()
        self.blank()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.blank()

    def header(self) -> tuple[str, ...]:
        many = self.text.startswith("[[", self.at)
        line = self.line()
        self.at += 2 if many else 1
        *parents, last = self.key()
        self.at += 2 if many else 1
        path: tuple[str, ...] = ()
        for part in parents:
            path = self.newest((*path, part), line)
        path = (*path, last)
        if many:
            self.written.setdefault(path, line)
            self.sizes[path] = self.sizes.get(path, 0) + 1
            path = (*path, str(self.sizes[path] - 1))
        self.written[path] = line
        return path

    def newest(self, path: tuple[str, ...], line: int) -> tuple[str, ...]:
        """A header that names an array of tables on its way means the last table of it."""
        self.implied.setdefault(path, line)
        return (*path, str(self.sizes[path] - 1)) if path in self.sizes else path

    def pair(self, table: tuple[str, ...]) -> None:
        line = self.line()
        parts = self.key()
        for end in range(1, len(parts)):
            self.implied.setdefault((*table, *parts[:end]), line)
        path = (*table, *parts)
        self.written[path] = line
        self.at = self.text.index("=", self.at) + 1
        self.value(path)

    def key(self) -> list[str]:
        """A dotted key's parts; leaves the position behind it and the blanks that follow."""
        parts = []
        while True:
            self.blank()
            if bare := _BARE_KEY.match(self.text, self.at):
                parts.append(bare.group())
                self.at = bare.end()
            else:
                parts.append(_unquoted(self.take(_STRING)))
            dot = _DOT.match(self.text, self.at)
            if not dot:
                self.blank()
                return parts
            self.at = dot.end()

    def value(self, path: tuple[str, ...]) -> None:
        self.blank()
        opening = self.text[self.at]
        if opening == "[":
            self.items(path)
        elif opening == "{":
            self.inline(path)
        else:
            self.take(_STRING if opening in "\"'" else _SCALAR)

    def items(self, path: tuple[str, ...]) -> None:
        index = 0
        while self.more("]"):
            place = (*path, str(index))
            self.written[place] = self.line()
            self.value(place)
            index += 1

    def inline(self, path: tuple[str, ...]) -> None:
        while self.more("}"):
            self.pair(path)

    def more(self, closing: str) -> bool:
        """Step over the opening bracket or a comma; False, and behind the bracket, when it closes here."""
        self.blank()
        if self.text[self.at] in "[{," and self.text[self.at] != closing:
            self.at += 1
            self.blank()
        if self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not valid TOML at line {self.line()}")
        self.at = match.end()
        return match.group()

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def line(self) -> int:
        return bisect_right(self.starts, self.at)


def _unquoted(token: str) -> str:
    """The text of a quoted key; tomllib itself decodes the escapes."""
    return str(tomllib.loads(f"key = {token}")["key"])
