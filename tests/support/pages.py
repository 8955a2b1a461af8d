"""Markdown pages as the documentation's tests see them: blocks of code, headings to link to, links.

Only what our pages use is read: fenced blocks, with or without a title (```toml title="pipelines.toml"), headings, inline
links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(
    r'```(?P<language>[\w-]*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^ *```$', re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


@frozen
class Block:
    """A fenced block; `line` is that of its opening fence."""

    language: str
    title: str | None
    text: str
    line: int


@frozen
class Page:
    """A Markdown file of this repository."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return _read(self.path)

    @property
    def prose(self) -> str:
        """The text with its blocks emptied, so that positions and lines stay."""
        return _FENCE.sub(lambda match: "\n" * match.group().count("\n"), self.text)

    def blocks(self) -> Iterator[Block]:
        """Fenced blocks in order."""
        for match in _FENCE.finditer(self.text):
            line = self.text.count("\n", 0, match.start()) + 1
            yield Block(match["language"], match["title"], match["text"], line)

    def links(self) -> Iterator[str]:
        """Targets of links and pictures, in order."""
        for match in _LINK.finditer(self.prose):
            yield match.group(1) or match.group(2)

    def anchors(self) -> set[str]:
        """What `#...` may name here, as GitHub makes it of headings."""
        return {_anchor(match.group(1)) for match in _HEADING.finditer(self.prose)}

    def code(self) -> Iterator[str]:
        """Inline code, in order."""
        for match in _CODE.finditer(self.prose):
            yield match.group(1)


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return kept.replace(" ", "-")


def pages() -> list[Page]:
    """Every page of the documentation and every README of ours; what benchmarks write of themselves is left out."""
    readmes = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("[a-z]*/README.md"))]
    below = [path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "benchmarks"]
    return [Page(path) for path in dict.fromkeys([*readmes, *below]) if path.exists()]
