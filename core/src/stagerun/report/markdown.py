"""The little Markdown that sections of plugins may use: headings, lists, tables, fenced code, `code` and **bold**.

Everything is escaped first, HTML in it stays text. Not covered: links and images, which would let a page that is sent around
reach out to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from stagerun.report.markup import Html, join, tag

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")
_RULE = re.compile(r"\|?[\s:|-]+\|?")


def markdown(text: str) -> Html:
    """Blocks of Markdown as HTML."""
    blocks: list[Html] = []
    for index, piece in enumerate(re.split(r"^```.*$", text, flags=re.MULTILINE)):
        blocks += [tag("pre", piece.strip("\n"))] if index % 2 else list(_blocks(piece))
    return join(blocks)


def _blocks(text: str) -> Iterator[Html]:
    """Neighbouring lines of one kind make one block."""
    for kind, lines in groupby(text.splitlines(), key=_kind):
        rows = [line.strip() for line in lines]
        if kind == "heading":
            yield from (tag("h4", _inline(row.lstrip("# "))) for row in rows)
        elif kind == "list":
            yield tag("ul", [tag("li", _inline(row[2:])) for row in rows])
        elif kind == "table":
            yield _table(rows)
        elif kind == "text":
            yield tag("p", _inline(" ".join(rows)))


def _kind(line: str) -> str:
    stripped = line.strip()
    if not stripped:
        return ""
    starts = {"#": "heading", "- ": "list", "* ": "list", "|": "table"}
    return next((kind for start, kind in starts.items() if stripped.startswith(start)), "text")


def _table(rows: list[str]) -> Html:
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not _RULE.fullmatch(row)]
    headed = len(rows) > 1 and _RULE.fullmatch(rows[1]) is not None
    lines = [
        tag("tr", [tag("th" if headed and index == 0 else "td", _inline(cell)) for cell in row])
        for index, row in enumerate(cells)
    ]
    return tag("div", tag("table", lines), class_="scroll")


def _inline(text: str) -> Html:
    parts: list[Html | str] = []
    end = 0
    for match in _INLINE.finditer(text):
        parts += [text[end : match.start()], tag("code", match[1]) if match[1] else tag("strong", match[2])]
        end = match.end()
    return join([*parts, text[end:]])
