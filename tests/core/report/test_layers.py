"""Where the nodes of a graph are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from stagerun.report.layers import lay_out

Graph = Mapping[str, Sequence[str]]


@st.composite
def graphs(draw: st.DrawFn, *, cycles: bool = False) -> Graph:
    """Up to 12 nodes; edges run from earlier to later ones unless cycles are wanted."""
    names = [f"n{index}" for index in range(draw(st.integers(0, 12)))]
    before = {name: names if cycles else names[:index] for index, name in enumerate(names)}
    return {name: draw(st.lists(st.sampled_from(ups), max_size=4)) if ups else [] for name, ups in before.items()}


def column_of(columns: Sequence[Sequence[str]]) -> dict[str, int]:
    return {name: index for index, column in enumerate(columns) for name in column}


@given(graphs())
def test_every_edge_runs_to_the_right_one_column_at_a_time(graph: Graph) -> None:
    layout = lay_out(graph)
    column = column_of(layout.columns)
    assert set(layout.routes) == {(up, node) for node, ups in graph.items() for up in ups}
    for (up, node), route in layout.routes.items():
        assert (route[0], route[-1]) == (up, node)
        assert [column[name] for name in route] == list(range(column[up], column[node] + 1))


@given(graphs())
def test_every_node_has_exactly_one_place(graph: Graph) -> None:
    places = [name for column in lay_out(graph).columns for name in column]
    assert len(places) == len(set(places))
    assert set(graph) <= set(places)


@given(graphs(cycles=True))
def test_a_graph_with_cycles_is_drawn_all_the_same(graph: Graph) -> None:
    assert set(graph) <= {name for column in lay_out(graph).columns for name in column}


def test_a_source_stands_right_before_the_first_stage_that_takes_it() -> None:
    layout = lay_out({"data": [], "sft": ["data"], "merge": ["sft"], "prefs": [], "ipo": ["merge", "prefs"]})
    assert column_of(layout.columns)["prefs"] == column_of(layout.columns)["merge"]


def test_edges_that_need_not_cross_do_not_cross() -> None:
    layout = lay_out({"a": [], "b": [], "c": ["b"], "d": ["a"]})
    first, second = layout.columns
    assert [{"a": "d", "b": "c"}[name] for name in first] == list(second)


def test_names_that_are_no_nodes_are_passed_over() -> None:
    assert lay_out({"a": ["gone"]}).columns == [["a"]]
