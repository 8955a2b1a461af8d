"""The graph of a run as inline SVG: a box for each stage in the colour of its state, linked to its section."""

from __future__ import annotations

from itertools import pairwise

from attrs import frozen

from stagerun.record import RunRecord, StageRecord
from stagerun.record.words import STATES, cut, seconds
from stagerun.report.layers import Layout, lay_out
from stagerun.report.markup import Html, tag

BOX, HEIGHT = 142, 44  # a stage's box, px
ACROSS, DOWN = 172, 58  # from one box to the next, px
EDGE = 10  # free space around the drawing, px
SMALLEST = 0.7  # how far a wide drawing is scaled down before it scrolls
LARGEST = 150  # stages; more than that nobody reads in a picture


@frozen
class Place:
    """The middle of a node, px."""

    x: float
    y: float


def graph(record: RunRecord) -> Html:
    """The drawing; a sentence instead for a graph too large to look at."""
    if len(record.stages) > LARGEST:
        return tag("p", f"{len(record.stages)} stages are too many for a drawing; the table below has all of them.")
    layout = lay_out({name: stage.upstream for name, stage in record.stages.items()})
    places = _places(layout)
    width = max((place.x for place in places.values()), default=0) + BOX / 2 + EDGE
    height = max((place.y for place in places.values()), default=0) + HEIGHT / 2 + EDGE
    edges = [_edge([places[name] for name in route]) for route in layout.routes.values()]
    boxes = [_box(stage, places[name]) for name, stage in record.stages.items()]
    label = "The graph: " + ", ".join(
        f"{stage.name} {STATES.get(stage.status, '')}" for stage in record.stages.values()
    )
    fit = f"width: 100%; max-width: {width:.0f}px; min-width: {width * SMALLEST:.0f}px"
    size = {"style": fit, "viewBox": f"0 0 {width:.0f} {height:.0f}"}
    return tag("div", tag("svg", edges, boxes, role="img", aria_label=label, **size), class_="scroll graph")


def _places(layout: Layout) -> dict[str, Place]:
    """Columns from left to right, each centred on the tallest one."""
    tallest = max((len(column) for column in layout.columns), default=0)
    places = {}
    for across, column in enumerate(layout.columns):
        top = (tallest - len(column)) / 2 * DOWN + HEIGHT / 2 + EDGE
        for down, name in enumerate(column):
            places[name] = Place(across * ACROSS + BOX / 2 + EDGE, top + down * DOWN)
    return places


def _edge(bends: list[Place]) -> Html:
    """A smooth line from the right side of the first box to the left side of the last; level where it passes boxes."""
    start, *middle, end = bends
    points = [Place(start.x + BOX / 2, start.y)]
    for bend in middle:
        points += [Place(bend.x - BOX / 2, bend.y), Place(bend.x + BOX / 2, bend.y)]
    tip = Place(end.x - BOX / 2 - 5, end.y)
    path = f"M{points[0].x:.0f},{points[0].y:.0f}"
    for before, after in pairwise([*points, tip]):
        half = (before.x + after.x) / 2
        path += f" C{half:.0f},{before.y:.0f} {half:.0f},{after.y:.0f} {after.x:.0f},{after.y:.0f}"
    head = f"M{tip.x:.0f},{tip.y - 4:.0f} l6,4 l-6,4 z"
    return Html(tag("path", d=path, class_="edge") + tag("path", d=head, class_="tip"))


def _box(stage: StageRecord, at: Place) -> Html:
    took = f", {seconds(stage.seconds)}" if stage.seconds and stage.status == "done" else ""
    left, top = at.x - BOX / 2, at.y - HEIGHT / 2
    return tag(
        "a",
        tag("title", f"{stage.name}: {STATES.get(stage.status, stage.status)}{took}"),
        tag("rect", x=f"{left:.0f}", y=f"{top:.0f}", width=BOX, height=HEIGHT, rx=7),
        tag("rect", x=f"{left:.0f}", y=f"{top + 8:.0f}", width=4, height=HEIGHT - 16, rx=2, class_="mark"),
        tag("text", cut(stage.name, 16), x=f"{left + 14:.0f}", y=f"{at.y - 3:.0f}", class_="name"),
        tag("text", f"{STATES.get(stage.status, stage.status)}{took}", x=f"{left + 14:.0f}", y=f"{at.y + 13:.0f}"),
        href=f"#stage-{stage.name}",
        class_=f"node {stage.status}",
    )
