"""Curves of a stage's metrics over its steps as inline SVG, with the limits that gates set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from stagerun.record import StageRecord
from stagerun.record.words import cut, number
from stagerun.report.markup import Html, tag

WIDTH, HEIGHT = 340, 150  # of one drawing, px
LEFT, RIGHT, TOP, BOTTOM = 50, 8, 24, 20  # what stands around the curve, px
POINTS = 300  # beyond that a curve of this width looks no different
MOST = 6  # drawings of one stage
FIRST = ("loss", "reward", "accuracy")  # drawn before others whose name does not hold these words
DULL = frozenset({"step", "epoch", "total", "time"})

Point = tuple[float, float]  # step, value


@frozen
class Curve:
    """One metric over the steps. `limits` are the thresholds of gates on it."""

    name: str
    points: Sequence[Point]
    limits: tuple[float, ...] = ()


def curves(stage: StageRecord, rows: Iterable[Mapping[str, Any]]) -> Html:
    """A drawing for each metric with at least two points, the telling ones first; empty without any."""
    found = [curve for curve in collect(stage, rows) if len(curve.points) > 1]
    found.sort(key=lambda curve: next((at for at, word in enumerate(FIRST) if word in curve.name), len(FIRST)))
    drawn = [draw(curve) for curve in found[:MOST]]
    return tag("div", drawn, class_="curves") if drawn else Html()


def collect(stage: StageRecord, rows: Iterable[Mapping[str, Any]]) -> list[Curve]:
    """The finite values of every metric in the rows of a metrics.jsonl; a step that came twice counts as it came last."""
    points: dict[str, dict[float, float]] = {}
    for index, row in enumerate(rows):
        step = _finite(row.get("step"))
        for name, value in row.items():
            found = _finite(value)
            if name not in DULL and found is not None:
                points.setdefault(str(name), {})[index if step is None else step] = found
    return [Curve(name, sorted(of.items()), _limits(stage, name)) for name, of in points.items()]


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _limits(stage: StageRecord, metric: str) -> tuple[float, ...]:
    found = [gate.evidence for gate in stage.gates.values() if gate.evidence.get("metric") == metric]
    limits = [_finite(evidence.get(side)) for evidence in found for side in ("min", "max")]
    return tuple(limit for limit in limits if limit is not None)


def thinned(points: Sequence[Point], most: int = POINTS) -> list[Point]:
    """At most about `most` points that keep every peak: the lowest and highest of each stretch, and both ends."""
    if len(points) <= most:
        return list(points)
    stretch = math.ceil(2 * len(points) / most)
    kept = [points[0]]
    for at in range(0, len(points), stretch):
        part = points[at : at + stretch]
        kept += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return [*kept, points[-1]]


def draw(curve: Curve) -> Html:
    """One drawing: the curve, dashed lines for limits, the range of values and steps at the sides."""
    points = thinned(curve.points)
    low, high = _range([value for _, value in points] + list(curve.limits))
    first, last = points[0][0], points[-1][0]

    def x(step: float) -> float:
        return LEFT + (step - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    line = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in points)
    return tag(
        "svg",
        tag("text", cut(curve.name, 30), x=LEFT, y=14, class_="name"),
        tag("text", number(curve.points[-1][1]), x=WIDTH - RIGHT, y=14, text_anchor="end", class_="name"),
        [_rule(y(value), value) for value in (low, high)],
        [
            tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{y(at):.1f}", y2=f"{y(at):.1f}", class_="limit")
            for at in curve.limits
        ],
        tag("polyline", points=line),
        tag("text", number(first), x=LEFT, y=HEIGHT - 5),
        tag("text", f"step {number(last)}", x=WIDTH - RIGHT, y=HEIGHT - 5, text_anchor="end"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{curve.name} from {number(curve.points[0][1])} to {number(curve.points[-1][1])}",
    )


def _rule(at: float, value: float) -> Html:
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{at:.1f}", y2=f"{at:.1f}", class_="rule")
    return Html(line + tag("text", _axis(value), x=LEFT - 6, y=f"{at + 4:.1f}", text_anchor="end"))


def _axis(value: float) -> str:
    """A value in the few characters there are beside the curve: 1.234, 2e-4."""
    if value == 0 or 1e-2 <= abs(value) < 1e3:
        return f"{value:.3g}"
    if 1e3 <= abs(value) < 1e5:
        return f"{value:.0f}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest, apart even when all are the same."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10)
