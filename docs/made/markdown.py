"""What Markdown the made tables need: tables, docstrings as paragraphs, signatures."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence
from typing import Any

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; a column that is empty in every row is left out, and no rows give no table."""
    if not rows:
        return ""
    kept = [place for place in range(len(head)) if any(row[place] for row in rows)]
    lines = [
        [head[place] for place in kept],
        ["---"] * len(kept),
        *([_cell(row[place]) for place in kept] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def paragraphs(text: str) -> str:
    """A docstring with each paragraph on one line; lines that each tell of one `name` become a list, examples code."""
    parts = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_code(part) if part.startswith("    ") else _flowed(part) for part in parts)


def _code(part: str) -> str:
    return f"```python\n{textwrap.dedent(part)}\n```"


def _flowed(part: str) -> str:
    """The lines of a paragraph joined, but for lines that begin with a name in backticks after a finished one."""
    joined = " ".join(part.split("\n"))
    items = re.split(r"(?<=[.;:])\n(?=`)", part)
    if len(items) == 1:
        return joined
    listed = [f"- {' '.join(item.split())}" if item.startswith("`") else " ".join(item.split()) for item in items]
    return re.sub(r"(?m)(^[^-].*)\n(?=- )", r"\1\n\n", "\n".join(listed))


class _Bare(str):
    """An annotation that prints without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature(function: Any) -> str:
    """Arguments and result as they are written, without self and module names."""
    found = inspect.signature(function)
    arguments = [one for one in found.parameters.values() if one.name not in ("self", "cls")]
    plain = [one.replace(annotation=_Bare(str(one.annotation).replace("click.", ""))) for one in arguments]
    return str(found.replace(parameters=plain, return_annotation=_Bare(found.return_annotation)))
