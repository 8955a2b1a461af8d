"""Read a TOML file, and say what is wrong with one that is not TOML in words that help.

tomllib knows where it stopped but names the rule of its parser that failed; most of those are a few common slips, which are
put into plain words here. A message of tomllib's that is not listed is passed on as it is.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from stagerun.errors import Problem, nearest

_ONE_LINE = "a table in { } stands on one line, with no comma at its end"
_QUOTES = 'one KEY = VALUE on a line, and texts in quotes: "..."'

SLIPS = (  # tomllib's message, what it means, what to do
    ("Invalid value", "this is no value", 'texts stand in quotes: "..."; true and false are written small'),
    ("Expected '=' after a key.*", 'no "=" after the key', ""),
    ("Cannot overwrite a value|Duplicate inline table key.*", "this place has a value already", "keep one of the two"),
    ("Cannot (declare|redefine|mutate).*", "this table was written already", "put all of it in one place"),
    ("Expected newline or end of document.*", "the line goes on after its value", _QUOTES),
    ("Invalid initial character for a key part", "no key where one should be", _ONE_LINE),
    ("Unclosed array", "a list is not closed, or lacks a comma", "lists are written [1, 2, 3]"),
    ("Unclosed inline table", "a table is not closed", _ONE_LINE),
    (r"Unterminated string|Illegal character '\\n'|Expected \"'+\"", "a text is not closed by its quote", ""),
    (
        r"Unescaped '\\' in a string|Invalid hex value|Escaped character.*",
        "a backslash in a text in double quotes starts an escape",
        r"write \\ for every backslash, or put the text in 'single quotes'",
    ),
    ("Expected ']+' at the end.*", "a table's name is not closed by its bracket", ""),
    ("Invalid statement", "neither KEY = VALUE nor [TABLE]", ""),
)


class Unusable(Exception):
    """Nothing can be planned from this file; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def parse(file: Path) -> tuple[str, dict[str, Any]]:
    """The file's text and what it says; raises Unusable when it cannot be read, RecursionError when nested without end."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return text, tomllib.loads(text)
    except FileNotFoundError:
        near = nearest(file.name, _siblings(file))
        raise Unusable(Problem("there is no such file", str(file), hint=near)) from None
    except OSError as error:
        raise Unusable(Problem("the file cannot be read", str(file), found=error.strerror or str(error))) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what, byte = "the file is not UTF-8 text", error.object[error.start]
        raise Unusable(Problem(what, str(file), line, found=f"byte 0x{byte:02x}", hint="save it as UTF-8")) from None
    except ValueError as error:
        raise Unusable(_not_toml(str(file), text, str(error))) from None


def _siblings(file: Path) -> list[str]:
    try:
        return [path.name for path in file.parent.glob("*.toml")]
    except OSError:
        return []


def _not_toml(file: str, text: str, message: str) -> Problem:
    """The slip behind tomllib's message, with the line it stopped at."""
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    said = match.group(1) if match else message
    lines = text.replace("\r\n", "\n").split("\n")
    number = int(match.group(2)) if match and match.group(2) else len(lines)
    found = lines[number - 1].strip() or ("an empty line" if number < len(lines) else "the end of the file")
    for pattern, what, hint in SLIPS:
        if re.fullmatch(pattern, said):
            return Problem(f"not valid TOML: {what}", file, number, found=found, hint=hint)
    return Problem(f"not valid TOML: {said}", file, number, found=found)
