"""References to parameters are replaced everywhere, and every wrong one is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun.errors import Problem
from stagerun.spec.params import Unresolved, interpolate

VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(alphabet="ab{}", max_size=4),
    st.lists(st.integers(), max_size=2),
)


def problem(path: tuple[str, ...], what: str, **more: str) -> Problem:
    return Problem(what, where=".".join(path), **more)


def filled(value: Any, **params: Any) -> Any:
    tree, problems = interpolate({"params": params, "x": value}, problem)
    assert not problems
    return tree["x"]


def complaints(value: Any, **params: Any) -> list[str]:
    return [str(found) for found in interpolate({"params": params, "x": value}, problem)[1]]


@given(VALUES)
def test_a_value_that_is_one_reference_keeps_the_type_of_the_parameter(value):
    found = filled(["${params.p}", {"k": "${ params.p }"}], p=value)
    assert repr(found) == repr([value, {"k": value}])


@given(st.text(alphabet="ab$\\} ", max_size=8), st.text(alphabet="ab$\\} ", max_size=8))
def test_text_around_a_reference_stays_as_it_is(before, after):
    before = before.rstrip("$")  # "$${" would be the escape
    assert filled(f"{before}${{params.p}}{after}!", p="P") == f"{before}P{after}!"


@given(
    st.recursive(
        st.text(alphabet="ab$}", max_size=5) | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="ab"), inner),
    )
)
def test_a_value_without_references_is_left_alone(value):
    assert filled(value, p=1) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$${HOME}", "${HOME}"),
        ("$${params.p} is ${params.p}", "${params.p} is 3"),
        ("$$${params.p}", "$${params.p}"),
        ("${params.p}${params.q}", "3true"),
        ("run-${params.f}", "run-1e-05"),
    ],
)
def test_references_inside_a_text_become_text(value, expected):
    assert filled(value, p=3, q=True, f=1e-5) == expected


def test_parameters_may_use_each_other_in_any_order():
    tree, problems = interpolate({"params": {"a": "${params.b}-a", "b": "${params.c}", "c": 7}}, problem)
    assert (tree["params"], problems) == ({"a": "7-a", "b": 7, "c": 7}, [])


@given(st.integers(1, 500))
def test_a_long_chain_of_parameters_is_followed_to_its_end(length):
    params = {f"p{n}": f"${{params.p{n + 1}}}" for n in range(length)} | {f"p{length}": 5}
    assert filled("${params.p0}", **params) == 5


def test_an_unknown_parameter_is_told_with_the_nearest_name():
    assert complaints(["${params.modle}"], model="m", data="d") == [
        'x.0: unknown parameter "modle"; expected one of data, model; did you mean "model"?'
    ]


def test_anything_but_a_parameter_is_refused_and_the_escape_told():
    expected = "expected ${params.NAME}; for a literal ${ write $${"
    assert complaints("cd ${HOME} ${", p=1) == [
        f"x: unknown reference ${{HOME}}; {expected}",
        f"x: unknown reference ${{; {expected}",
    ]


def test_every_loop_of_parameters_is_told_once_and_the_rest_still_resolves():
    params = {
        "a": "${params.b}",
        "b": ["${params.a}"],
        "me": "${params.me}",
        "fine": "${params.ok}",
        "ok": 1,
        "near": "${params.a}",
    }
    tree, problems = interpolate({"params": params}, problem)
    told = [str(found) for found in problems]
    assert len(told) == 2
    assert any("a loop; found a -> b -> a" in text or "a loop; found b -> a -> b" in text for text in told)
    assert "params.me: parameters refer to each other in a loop; found me -> me" in told
    assert tree["params"]["fine"] == 1


def test_a_value_with_a_missing_parameter_is_marked_so_that_nobody_complains_about_it_again():
    tree, _ = interpolate({"a": ["${params.x}", "b ${params.x}", "c"]}, problem)
    assert [isinstance(value, Unresolved) for value in tree["a"]] == [True, True, False]


def test_a_list_cannot_stand_inside_a_text():
    assert complaints("a ${params.p}", p=[1]) == ["x: a parameter inside a text must be a single value; found a list"]
