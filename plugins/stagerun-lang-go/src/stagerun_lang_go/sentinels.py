"""Where a file gives a new value to an error of the standard library: `io.EOF = nil` turns a test's `err != io.EOF` into a yes.

Read from tokens, statement by statement. Only names of errors and `time.UTC` are looked for, as a variable may be called like
an imported package; an assignment by way of a pointer is seen where the address is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from stagerun_lang_go.lexer import NAME, NUMBER, SEMICOLON, SIGN, TEXT, Token
from stagerun_lang_go.source import Source

_SENTINEL = re.compile(r"(EOF|Err[A-Z]\w*|Canceled|DeadlineExceeded|SkipDir|SkipAll|UTC)$")
_COMPOUND = frozenset("=!<>:+-*/%&|^")
_BREAKS = frozenset({SEMICOLON, "{", "}"})
_BEFORE = frozenset({"for", "if", "switch", "else", "case", "default"})  # an assignment may come right after


def changed(source: Source, module: str) -> Iterator[tuple[int, str]]:
    """Lines and what is assigned there; packages below `module` are the candidate's own."""
    packages = {
        each.alias or each.path.rpartition("/")[2]
        for each in source.imports
        if each.path != module and not each.path.startswith(f"{module}/")
    }
    for at, token in enumerate(source.code[:-2]):
        name = source.code[at + 2]
        named = token.text in packages and source.code[at + 1].text == "." and _SENTINEL.match(name.text)
        if named and (_addressed(source.code, at) or _assigned(source.code, at)):
            yield token.line, f"{token.text}.{name.text}"


def _addressed(code: Sequence[Token], at: int) -> bool:
    """Whether `&` stands before it, not as `and`; a literal of a type is another thing."""
    before = at - 1
    while before > 0 and code[before].text == "(":
        before -= 1
    if before < 0 or code[before].text != "&" or (at + 3 < len(code) and code[at + 3].text == "{"):
        return False
    left = code[before - 1]
    return not (left.kind in {NUMBER, TEXT} or left.text in {")", "]"} or (left.kind == NAME and left.text != "return"))


def _assigned(code: Sequence[Token], at: int) -> bool:
    """Whether it is on the left side of `=`: in a list that begins the statement, with the sign still to come."""
    place = at - 1
    while place >= 0 and code[place].kind == SIGN and code[place].text in {"*", "("}:
        place -= 1
    if place >= 0 and code[place].text not in _BREAKS | _BEFORE | {",", ":"}:
        return False
    return _leads(code, at) and _comes(code, at)


def _leads(code: Sequence[Token], at: int) -> bool:
    """Whether nothing but a list of operands is before it in its statement: it is in no call and no index."""
    depth = 0
    for place in range(at - 1, -1, -1):
        text = code[place].text if code[place].kind == SIGN else ""
        depth += (text in {")", "]"}) - (text in {"(", "["})
        if text == "[" and depth < 0:
            return False
        if text == "(" and depth < 0:
            if place and (code[place - 1].kind == NAME and code[place - 1].text not in _BEFORE):
                return False  # a call, or what a function takes
            depth = 0
        if depth == 0 and (text in _BREAKS or code[place].text in _BEFORE):
            return True
        if depth == 0 and _is_assignment(code, place):
            return False
    return True


def _comes(code: Sequence[Token], at: int) -> bool:
    """Whether an `=` follows before the statement ends."""
    for place in range(at, len(code)):
        text = code[place].text if code[place].kind == SIGN else ""
        if text in _BREAKS or (text == ":" and not _is_declaration(code, place)):  # of a case
            return False
        if _is_assignment(code, place):
            return True
    return False


def _is_declaration(code: Sequence[Token], at: int) -> bool:
    """Whether this is the first sign of `:=`."""
    return at + 1 < len(code) and code[at + 1].text == "=" and code[at + 1].at == code[at].at + 1


def _is_assignment(code: Sequence[Token], at: int) -> bool:
    """Whether this is `=` itself, no part of `==`, `:=`, `<=` and their like."""
    if code[at].kind != SIGN or code[at].text != "=":
        return False
    before = at > 0 and code[at - 1].text in _COMPOUND and code[at - 1].at + 1 == code[at].at
    after = at + 1 < len(code) and code[at + 1].text == "=" and code[at + 1].at == code[at].at + 1
    return not before and not after
