"""What the card of a model or dataset says of its licence: on the hub, or in the README.md of a folder.

Not covered: whether that licence allows what is done with it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

CARD = "README.md"
_LICENCE = re.compile(r"^license:[ \t]*(.*(?:\n[ \t]*- .+)*)$", re.MULTILINE)
_NAME = re.compile(r"\w[\w.+-]*")


def licence_of(card: Any) -> str:
    """The licence in a card's data, as the hub's client gives it; several with commas between; empty for none."""
    named = getattr(card, "license", None)
    return ", ".join(map(str, named)) if isinstance(named, list) else str(named or "")


def licence_here(folder: Path) -> str:
    """`license:` of the front matter of a folder's card, the text between its first two lines of dashes; empty for none."""
    try:
        front = (folder / CARD).read_text(encoding="utf-8", errors="replace").split("---")[1]
    except (OSError, IndexError):
        return ""
    found = _LICENCE.search(front)
    return ", ".join(_NAME.findall(found[1])) if found else ""
