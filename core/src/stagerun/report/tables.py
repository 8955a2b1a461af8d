"""Tables and lists of facts, as every part of the page uses them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stagerun.record import GateRecord
from stagerun.record.words import number, verdict
from stagerun.report.markup import Content, Html, tag


def facts(rows: Iterable[tuple[str, Content]]) -> Html:
    """Names and values; empty values are left out, an empty list is nothing."""
    kept = [(name, value) for name, value in rows if value]
    parts = [tag("dt", name) + tag("dd", value) for name, value in kept]
    return tag("dl", [Html(part) for part in parts]) if kept else Html()


def table(heads: Sequence[str], rows: Iterable[Sequence[Content]]) -> Html:
    """A table that scrolls by itself when it is too wide; empty without rows."""
    lines = [tag("tr", [tag("td", cell) for cell in row]) for row in rows]
    if not lines:
        return Html()
    head = tag("thead", tag("tr", [tag("th", word) for word in heads]))
    return tag("div", tag("table", head, tag("tbody", lines)), class_="scroll")


def numbers(values: Mapping[str, Any]) -> Html:
    """Metrics, each with its name above its value; one measured before and after shows both."""
    earlier = {name: values[f"{name}_before"] for name in values if f"{name}_before" in values}
    shown = {
        name: value for name, value in values.items() if name.removesuffix("_before") not in earlier or name in earlier
    }
    cells = [
        tag("div", tag("span", name), tag("b", _change(earlier.get(name), value))) for name, value in shown.items()
    ]
    return tag("div", cells, class_="numbers") if cells else Html()


def _change(before: Any, after: Any) -> str:
    return number(after) if before is None else f"{number(before)} \u2192 {number(after)}"


def folded(title: str, content: Content) -> Html:
    """Content behind a title to click on."""
    return tag("details", tag("summary", title), content) if content else Html()


def gate_row(gate: GateRecord) -> list[Content]:
    """Verdict, name, and the numbers behind it, with who let it pass."""
    word = verdict(gate)
    state = word.lower() if gate.hard or gate.passed else f"{word.lower()} soft"
    text = gate.text
    if gate.accepted:
        text += f"; accepted by {gate.accepted.get('who')}: {gate.accepted.get('why')}"
    return [badge(word.lower(), state), f"{gate.gate} ({'hard' if gate.hard else 'soft'})", text]


def badge(word: str, state: str) -> Html:
    """A word in the colour of a state."""
    return tag("span", word, class_=f"badge {state}")


def shown(value: Any) -> str:
    """A value of the pipeline file on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
