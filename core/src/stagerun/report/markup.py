"""HTML in which every text is escaped, because names, messages and model-written words are not to be trusted.

Elements are made by `tag`; whatever is not a `Html` is text. Not covered: attribute values that browsers run as code, such
as links of other people; none are ever made.
"""

from __future__ import annotations

import html
from collections.abc import Iterable


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Content = Html | str | Iterable["Content"] | None

VOID = frozenset({"meta", "line", "rect", "path", "polyline", "circle", "br"})


def join(content: Content) -> Html:
    """Content as markup; plain text is escaped, None is nothing."""
    if content is None:
        return Html()
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(html.escape(printable(content), quote=True))
    return Html("".join(join(part) for part in content))


def printable(text: str) -> str:
    """Without what no HTML page may hold: control characters, lone surrogates, signs that turn the writing round."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def tag(name: str, /, *content: Content, **attributes: object) -> Html:
    """An element; `class_` gives `class`, `stroke_width` gives `stroke-width`, None leaves an attribute out."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{join(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Html(f"<{name}{shown}/>") if name not in ("meta", "br") else Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{join(content)}</{name}>")
