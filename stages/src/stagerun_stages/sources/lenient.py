"""Reads values that were meant to be JSON: Python's spelling, single quotes, closing brackets that are missing, rubbish behind.

What cannot be read without guessing is refused: a text that ends inside a string, a number that JSON does not have.
"""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

CONSTANTS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
CLOSING = {"{": "}", "[": "]", "(": ")"}


def value_of(text: str) -> Any:
    """The one value that a text holds; raises ValueError when there is none or more behind it."""
    value, rest = first_value(text)
    if rest.strip():
        raise ValueError("there is more behind the value")
    return value


def first_value(text: str) -> tuple[Any, str]:
    """The value at the beginning of a text, and what follows it; raises ValueError."""
    text = text.lstrip()
    for read in (_json, _python, _unclosed):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):  # the parser of Python has a stack of its own
            continue
    raise ValueError("no value that can be read")


def values_of(text: str) -> list[Any]:
    """Values that stand one behind the other, with or without commas; raises ValueError."""
    found, rest = [], text
    while rest := rest.strip().removeprefix(",").strip():
        value, rest = first_value(rest)
        found.append(value)
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(strict=False, parse_constant=_refuse)


def _json(text: str) -> tuple[Any, str]:
    value, end = _DECODER.raw_decode(text)
    return value, text[end:]


def _python(text: str) -> tuple[Any, str]:
    end, open_ = _span(text)
    if open_:
        raise ValueError("brackets are not closed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about "\d" in a string
        return _literal(ast.parse(text[:end], mode="eval").body), text[end:]


def _unclosed(text: str) -> tuple[Any, str]:
    end, open_ = _span(text)
    if not open_ or open_[-1] in "\"'":
        raise ValueError("not a matter of closing brackets")
    closed = text[:end] + "".join(CLOSING[each] for each in reversed(open_))
    try:
        return _json(closed)[0], ""
    except ValueError:
        return _python(closed)[0], ""


def _span(text: str) -> tuple[int, list[str]]:
    """Where the bracket that opens the text is closed, and what is still open when the text ends first."""
    if text[:1] not in CLOSING:
        raise ValueError("no bracket")
    open_: list[str] = []
    at = 0
    while at < len(text):
        each = text[at]
        if open_ and open_[-1] in "\"'":
            at += each == "\\"
            if each == open_[-1]:
                open_.pop()
        elif each in "\"'" or each in CLOSING:
            open_.append(each)
        elif open_ and each == CLOSING[open_[-1]]:
            open_.pop()
        at += 1
        if not open_:
            break
    return at, open_


def _literal(node: ast.expr) -> Any:
    """The value of a display of constants, whichever language's words for true, false and nothing it uses."""
    if isinstance(node, ast.Dict):
        return {_key(key): _literal(value) for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.List | ast.Tuple):
        return [_literal(each) for each in node.elts]
    if isinstance(node, ast.Name) and node.id in CONSTANTS:
        return CONSTANTS[node.id]
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str | int | float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _negative(node.operand)
    raise ValueError("more than constants")


def _negative(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return -node.value
    raise ValueError("a sign without a number")


def _key(node: ast.expr | None) -> str:
    value = _literal(node) if node is not None else None
    if not isinstance(value, str):
        raise ValueError("a key that is no text")
    return value
