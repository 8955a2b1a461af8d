"""Go source as tokens: exactly what the compiler sees, so that no comment or string is taken for code, or code for a string.

Covers lexical rules only, with the semicolons that the language puts at line ends. What is not Go at all is marked, not refused:
the compiler says it better.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NAME, TEXT, NUMBER, SIGN, COMMENT = "name", "text", "number", "sign", "comment"
BROKEN = "broken"  # a quote that is never closed

_KEYWORDS = (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package range "
    "return select struct switch type var"
)
KEYWORDS = frozenset(_KEYWORDS.split())
_ENDS = KEYWORDS - {"break", "continue", "fallthrough", "return"}  # keywords after which a line goes on
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)
      | (?P<text>`[^`]*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
      | (?P<name>[^\W\d]\w*)
      | (?P<number>\.?\d[\w.]*)
      | (?P<line>\n)
      | (?P<space>[ \t\r]+)
      | (?P<broken>[`"']|/\*)
      | (?P<sign>\+\+|--|[^\s\w]|\S)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """`kind` is one of the constants above; `text` is as it stands in the source, `at` its place, `line` counts from 1."""

    kind: str
    text: str
    line: int
    at: int


SEMICOLON = ";"


def tokens(source: str) -> list[Token]:
    """All tokens but white space, comments included, semicolons put where a line ends a statement."""
    found: list[Token] = []
    last: Token | None = None
    line, start = 1, source.startswith("\ufeff")
    for match in _TOKEN.finditer(source, int(start)):
        kind, text = str(match.lastgroup), match.group()
        breaks = kind == "line" or text.startswith("//") or (kind == COMMENT and "\n" in text)
        if breaks and last is not None and ends_statement(last):
            last = Token(SIGN, SEMICOLON, line, match.start())
            found.append(last)
        if kind not in {"line", "space"}:
            token = Token(kind, text, line, match.start())
            found.append(token)
            last = last if kind == COMMENT else token
        line += text.count("\n")
    if last is not None and ends_statement(last):
        found.append(Token(SIGN, SEMICOLON, line, len(source)))
    return found


def ends_statement(token: Token) -> bool:
    """Whether a line break after this token ends the statement."""
    if token.kind == SIGN:
        return token.text in {")", "]", "}", "++", "--"}
    return token.kind in {TEXT, NUMBER} or (token.kind == NAME and token.text not in _ENDS)


def unquoted(token: Token) -> str:
    """What a string token of an import says; escapes, which no import has a use for, are left as they are."""
    return token.text[1:-1]
