"""Properties of plans over random graphs: order, what a change reaches, and what fingerprints depend on."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workshop import Workshop

from stagerun.model.result import differences, fingerprint
from stagerun.plan.graph import find_cycle, order

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Graph = dict[str, list[str]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Acyclic: each stage may need any of those before it; the file's order is shuffled."""
    size = draw(st.integers(1, 7))
    found = {}
    for index in range(size):
        earlier = [f"s{n}" for n in range(index)]
        found[f"s{index}"] = draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3)) if earlier else []
    names = draw(st.permutations(list(found)))
    return {name: found[name] for name in names}


def below(graph: Graph, name: str) -> set[str]:
    """A stage and everything downstream of it."""
    reached = {name}
    for other in order(graph):
        if reached & set(graph[other]):
            reached.add(other)
    return reached


def write(shop: Workshop, graph: Graph) -> None:
    stages = []
    for name, ups in graph.items():
        taken = ", ".join(f'"{up}.train"' for up in ups)
        needs = f"needs = {{ before = [{taken}] }}" if ups else ""
        stages.append(f'\n[stages.{name}]\nuses = "test.make"\nwith.text = "{name}"\n{needs}\n')
    shop.write("".join(stages))


@given(graphs())
def test_every_stage_stands_after_what_it_needs(graph: Graph) -> None:
    placed = {name: index for index, name in enumerate(order(graph))}
    assert placed.keys() == graph.keys()
    assert all(placed[up] < placed[name] for name, ups in graph.items() for up in ups)


@given(graphs())
def test_a_graph_without_a_circle_has_none_and_one_edge_back_makes_one(graph: Graph) -> None:
    assert find_cycle(graph) == []
    for name, ups in graph.items():
        for up in ups:
            closed = {**graph, up: [*graph[up], name]}
            cycle = find_cycle(closed)
            assert cycle[0] == cycle[-1]
            assert all(before in closed[after] for before, after in pairwise(cycle))


@QUICK
@given(graphs(), st.data())
def test_a_change_reaches_exactly_what_is_downstream_and_names_itself_as_the_cause(
    graph: Graph, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        shop = Workshop(Path(place))
        write(shop, graph)
        shop.run()
        assert shop.plan().to_run == []
        changed = data.draw(st.sampled_from(sorted(graph)))
        plan = shop.plan(f"stages.{changed}.with.text=new")
        assert set(plan.to_run) == below(graph, changed)
        cause = f"{changed}: with.text {changed} -> new"
        assert all(plan.stages[name].decision.roots == (cause,) for name in plan.to_run)


@QUICK
@given(graphs())
def test_a_run_leaves_nothing_to_do_and_its_fingerprints_are_those_of_another_machine(graph: Graph) -> None:
    marks = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as place:
            shop = Workshop(Path(place))
            write(shop, graph)
            shop.run()
            marks.append({name: stage.decision.fingerprint for name, stage in shop.plan().stages.items()})
    assert marks[0] == marks[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.dictionaries(st.text(max_size=5), JSON, max_size=5)


def turned(value: object) -> object:
    """The same value with every table's keys in the opposite order."""
    if isinstance(value, Mapping):
        return {key: turned(value[key]) for key in reversed(list(value))}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


@given(PARTS)
def test_a_fingerprint_does_not_depend_on_the_order_of_keys(parts: dict[str, object]) -> None:
    assert fingerprint(parts) == fingerprint(turned(parts))  # type: ignore[arg-type]


@given(PARTS, PARTS)
def test_two_fingerprints_differ_when_a_leaf_differs(first: dict[str, object], second: dict[str, object]) -> None:
    if list(differences(first, second)):
        assert fingerprint(first) != fingerprint(second)


@given(PARTS)
def test_nothing_differs_from_itself(parts: dict[str, object]) -> None:
    assert list(differences(parts, parts)) == []
