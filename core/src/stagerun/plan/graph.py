"""Order and cycles of the graph, from names alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def order(upstream: Mapping[str, Sequence[str]]) -> list[str]:
    """Names so that each stands after its upstream, otherwise in the order given; members of a cycle come last."""
    waiting = {name: {up for up in ups if up in upstream} for name, ups in upstream.items()}
    downstream: dict[str, list[str]] = {name: [] for name in upstream}
    for name, ups in waiting.items():
        for up in ups:
            downstream[up].append(name)
    position = {name: index for index, name in enumerate(upstream)}
    ready = [name for name, ups in waiting.items() if not ups]
    done: list[str] = []
    for name in ready:  # grows while it is walked: a queue
        done.append(name)
        freed = []
        for below in downstream[name]:
            waiting[below].discard(name)
            if not waiting[below]:
                freed.append(below)
        ready.extend(sorted(freed, key=position.__getitem__))
    seen = set(done)
    return done + [name for name in upstream if name not in seen]


def find_cycle(upstream: Mapping[str, Sequence[str]]) -> list[str]:
    """One cycle as names in order of data flow, the first repeated at the end; empty when there is none."""
    done: set[str] = set()
    for start in upstream:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif name in on_path:
                cycle = [*path[path.index(name) :], name]
                return cycle[::-1]
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack.extend((up, False) for up in upstream[name] if up in upstream)
    return []
