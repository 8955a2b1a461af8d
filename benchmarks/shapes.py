"""The graphs that are measured: what each stage takes, and nothing about any engine."""

from __future__ import annotations

SOURCE = "in.txt"  # what stages without an earlier one take
TEXT = "one line\n"

Shape = dict[str, tuple[str, ...]]  # a stage's name -> the stages it takes; in an order that can be run


def chain(length: int) -> Shape:
    """Each takes the one before."""
    return {f"s{at}": (f"s{at - 1}",) if at else () for at in range(length)}


def fan(width: int) -> Shape:
    """All take the first."""
    return {f"s{at}": ("s0",) if at else () for at in range(width)}


def layers(count: int, width: int = 100) -> Shape:
    """Layers of `width`; each takes two of the layer above."""
    shape: Shape = {}
    for at in range(count):
        above, place = at // width - 1, at % width
        takes = (f"s{above * width + place}", f"s{above * width + (place + 1) % width}")
        shape[f"s{at}"] = takes if above >= 0 else ()
    return shape


def contents(shape: Shape) -> dict[str, str]:
    """What each stage's output must be: its inputs one after the other."""
    made: dict[str, str] = {}
    for name, takes in shape.items():
        made[name] = "".join(made[before] for before in takes) or TEXT
    return made
