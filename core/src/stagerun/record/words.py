"""Numbers, times and strangers' texts put into words that are safe on a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stagerun.record.shape import GateRecord

STATES = {
    "pending": "waiting",
    "running": "running",
    "done": "done",
    "up-to-date": "up to date",
    "optional": "absent",
    "blocked": "blocked",
    "failed": "failed",
    "interrupted": "interrupted",
}


def clean(text: object) -> str:
    """The text on one line without anything a terminal would obey: escape codes, cursor moves, reversed writing."""
    words = " ".join(str(text).split())
    return words if words.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in words)


def cut(text: str, width: int) -> str:
    """At most `width` characters, the end replaced by dots where it is longer."""
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."[:width]


def seconds(value: float) -> str:
    """A duration as a person says it.

    >>> [seconds(value) for value in (0.42, 7.25, 65, 7325, 180000)]
    ['0.4 s', '7.2 s', '1 min 05 s', '2 h 02 min', '2 d 02 h']
    """
    if not math.isfinite(value):
        return "?"
    if value < 10:
        return f"{max(value, 0.0):.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600:02d} h"


def lasting(left: float, error: float) -> str:
    """Time left and how far it may be off.

    >>> [lasting(1520.0, 30.0), lasting(1520.0, 0.2)]
    ['25 min 20 s left +-30 s', '25 min 20 s left']
    """
    return f"{seconds(left)} left" + (f" +-{seconds(error)}" if error >= 0.5 else "")


def money(value: float) -> str:
    """An amount of whatever money the price was told in, to the hundredth; less than that to two digits.

    >>> [money(value) for value in (1234.5, 2.5, 0.004)]
    ['1234.50', '2.50', '0.004']
    """
    return f"{value:.2f}" if value >= 0.01 or value == 0 else f"{value:.2g}"


def number(value: Any) -> str:
    """A metric's value, to four significant digits.

    >>> [number(value) for value in (1.83129, 2500, 0.00002, float("nan"), None)]
    ['1.831', '2500', '2e-05', 'nan', '-']
    """
    if value is None:
        return "-"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.4g}" if isinstance(value, float) else clean(value)


def size(count: float) -> str:
    """Bytes in the units of disks.

    >>> [size(count) for count in (812, 40_300, 13_000_000_000)]
    ['812 B', '40.3 kB', '13.0 GB']
    """
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"


def pairs(values: Mapping[str, Any], limit: int = 8) -> str:
    """`exact_match 0.01 -> 0.87, loss 1.83`; what was measured before and after comes first, what is beyond the limit is counted.

    >>> pairs({"loss": 1.83, "exact_match_before": 0.01, "exact_match": 0.87})
    'exact_match 0.01 -> 0.87, loss 1.83'
    """
    changed = {name for name in values if f"{name}_before" in values}
    rest = [name for name in values if name not in changed and name.removesuffix("_before") not in changed]
    shown = [f"{clean(name)} {_was(values, name)}{number(values[name])}" for name in [*sorted(changed), *rest]]
    more = [f"{len(shown) - limit} more"] if len(shown) > limit else []
    return ", ".join(shown[:limit] + more)


def _was(values: Mapping[str, Any], name: str) -> str:
    return f"{number(values[f'{name}_before'])} -> " if f"{name}_before" in values else ""


def count(number_of: int, noun: str) -> str:
    """`1 stage`, `2 stages`."""
    return f"{number_of} {noun}" if number_of == 1 else f"{number_of} {noun}s"


def verdict(gate: GateRecord) -> str:
    """passed; accepted (it failed, and a person let it pass); FAILED."""
    return "passed" if gate.passed else "accepted" if gate.accepted else "FAILED"
