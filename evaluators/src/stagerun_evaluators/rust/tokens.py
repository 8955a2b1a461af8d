"""Rust's tokens with their places: enough to know code from comments and texts, and to change a file at exact places.

Never fails: what does not end is one token to the end of the file. Not a parser; rustc is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

_BLOCK = re.compile(r"/\*|\*/")
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<block>/\*)
  | (?P<raw>(?:br|cr|r)(?P<hashes>\#*)"(?s:.*?)(?:"(?P=hashes)|\Z))
  | (?P<text>[bc]?"(?s:[^"\\]|\\.)*(?:"|\Z))
  | (?P<char>b?'(?:[^'\\\n]|\\(?:u\{[0-9a-fA-F_]*\}|x[0-9a-fA-F]{2}|.))')
  | (?P<life>'[^\W\d]\w*)
  | (?P<word>(?:r\#)?[^\W\d]\w*)
  | (?P<number>\d\w*(?:\.\d\w*)?)
  | (?P<mark>(?s:.))
    """,
    re.VERBOSE,
)
_OPEN, _CLOSE = "([{", ")]}"


@frozen(slots=True)
class Token:
    """`kind`: raw, text, char, life, word, number or mark (one character)."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """An identifier without `r#`."""
        return self.text.removeprefix("r#")


def tokens(code: str) -> list[Token]:
    """All tokens; comments and spaces are left out."""
    return list(_tokens(code))


def _tokens(code: str) -> Iterator[Token]:
    at = 0
    while found := _TOKEN.match(code, at):
        kind = found.lastgroup or "mark"
        kind = "raw" if kind == "hashes" else kind
        at = _end_of_block(code, at) if kind == "block" else found.end()
        if kind not in {"space", "block"}:
            yield Token(kind, found.group(), found.start(), at)


def _end_of_block(code: str, start: int) -> int:
    """Behind a block comment; they nest."""
    depth = 0
    for found in _BLOCK.finditer(code, start):
        depth += 1 if found.group() == "/*" else -1
        if depth == 0:
            return found.end()
    return len(code)


def group_end(found: Sequence[Token], at: int) -> int:
    """The index behind the bracket that closes the one at `at`; the end when none does."""
    depth = 0
    for place in range(at, len(found)):
        if found[place].kind == "mark":
            depth += (found[place].text in _OPEN) - (found[place].text in _CLOSE)
            if depth == 0:
                return place + 1
    return len(found)


def spells(found: Sequence[Token], at: int, *words: str) -> bool:
    """Whether the tokens from `at` on are these, none of them a text. Asked at every token of every file: kept quick."""
    if at < 0 or at + len(words) > len(found):
        return False
    for place, word in enumerate(words, at):
        token = found[place]
        if token.text != word and (token.kind != "word" or token.name != word):
            return False
    return True


def edited(code: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """The code with every (start, end, text) put in place; edits must not overlap. Lines keep their numbers."""
    parts: list[str] = []
    at = 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        parts += [code[at:start], text]
        at = end
    return "".join([*parts, code[at:]])
