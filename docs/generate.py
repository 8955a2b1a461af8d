"""Writes the tables of docs/reference from the code itself: `python docs/generate.py`. tests/docs fails when one is stale.

A page keeps its prose; what stands between `<!-- made: NAME -->` and `<!-- end -->` is replaced by what `PARTS[NAME]` gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from made import components, engine, names

DOCS = Path(__file__).parent
PARTS: Mapping[str, Callable[[], str]] = {
    "stages": components.stages,
    "gates": components.gates,
    "components": components.components,
    "cli": engine.cli,
    "events": engine.events,
    "hooks": engine.hooks,
    "contracts": names.contracts,
}
_PART = re.compile(r"(<!-- made: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Rewrite every page that is behind the code."""
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        made = filled(text)
        if made != text:
            page.write_text(made, encoding="utf-8")


def filled(text: str) -> str:
    """A page with its made parts as they should be now."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]().strip()}\n\n{match[3]}", text)


if __name__ == "__main__":
    main()
