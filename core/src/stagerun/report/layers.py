"""Where the nodes of a small graph are drawn: columns by longest path, rows by the mean place of the neighbours.

The method is Sugiyama's in its plainest form: K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of
Hierarchical System Structures", IEEE Trans. SMC 11(2), 1981: layers, dummy nodes on long edges, barycentre sweeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from attrs import frozen

SWEEPS = 8  # the order hardly changes after a few


@frozen
class Layout:
    """`columns` hold node names from top to bottom; `routes` what each edge runs through.

    The bends of an edge over several columns are nodes of their own there, so that edges keep clear of boxes; their names
    hold a NUL, which no stage's name does.
    """

    columns: Sequence[Sequence[str]]
    routes: Mapping[tuple[str, str], Sequence[str]]


def lay_out(upstream: Mapping[str, Sequence[str]]) -> Layout:
    """Lay out an acyclic graph given as node -> the nodes before it; names that are no nodes are passed over.

    A graph with a cycle, which no plan has, is laid out as if the edges that close one were not there.
    """
    before = _acyclic({node: [up for up in ups if up in upstream] for node, ups in upstream.items()})
    column = _longest_paths(before)
    routes = {(up, node): _route(up, node, column) for node, ups in before.items() for up in ups}
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in before:
        columns[column[node]].append(node)
    for (up, _), route in routes.items():
        for offset, dummy in enumerate(route[1:-1], start=1):
            columns[column[up] + offset].append(dummy)
    return Layout(_ordered(columns, routes.values()), routes)


def _acyclic(before: Mapping[str, list[str]]) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for node in before:
        waiting, seen = [node], set()
        while waiting:  # every node that `node` could already be reached from through kept edges
            seen.add(current := waiting.pop())
            waiting += [below for below, ups in kept.items() if current in ups and below not in seen]
        kept[node] = [up for up in dict.fromkeys(before[node]) if up not in seen]
    return kept


def _longest_paths(before: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each node; one with nothing before it stands right before the first that takes it."""
    column = dict.fromkeys(before, 0)
    for _ in before:
        moved = {node: max((column[up] + 1 for up in ups), default=0) for node, ups in before.items()}
        if moved == column:
            break
        column = moved
    for node in [node for node, ups in before.items() if not ups]:
        after = [column[below] for below, ups in before.items() if node in ups]
        column[node] = min(after) - 1 if after else 0
    return column


def _route(up: str, node: str, column: Mapping[str, int]) -> list[str]:
    return [up, *(f"{up}\0{node}\0{at}" for at in range(column[up] + 1, column[node])), node]


def _ordered(columns: list[list[str]], routes: Iterable[Sequence[str]]) -> list[list[str]]:
    """Sweep back and forth; each column is sorted by the mean place of its neighbours in the one before."""
    near: dict[str, list[str]] = {}
    for route in routes:
        for first, second in pairwise(route):
            near.setdefault(first, []).append(second)
            near.setdefault(second, []).append(first)
    for sweep in range(SWEEPS):
        for fixed, free in pairwise(columns if sweep % 2 == 0 else columns[::-1]):
            place = {name: float(index) for index, name in enumerate(fixed)}
            found = [[place[other] for other in near.get(name, ()) if other in place] for name in free]
            wanted = {name: _mean(of, at) for at, (name, of) in enumerate(zip(free, found, strict=True))}
            free.sort(key=wanted.__getitem__)
    return columns


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise
