"""Laying a table over another merges tables, replaces the rest, and tells what changed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stagerun.spec.overlay import overlay

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(
    st.booleans(), st.integers(0, 2), st.sampled_from([0.0, 1.0, "x"]), st.lists(st.integers(0, 1), max_size=2)
)
TREES = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=3), lambda inner: st.dictionaries(KEYS, SCALARS | inner, max_size=3)
)


def exactly(tree: Any) -> str:
    """Tables in any order are equal; 1, 1.0 and true are not."""
    return repr(sorted((key, exactly(value)) for key, value in tree.items())) if isinstance(tree, dict) else repr(tree)


@given(TREES, TREES)
def test_laying_a_table_twice_is_laying_it_once(base, over):
    once, _ = overlay(base, over)
    twice, changes = overlay(once, over)
    assert exactly(twice) == exactly(once)
    assert changes == ()


@given(TREES, TREES, TREES)
def test_stacking_overlays_is_laying_their_sum(base, first, second):
    stacked, _ = overlay(overlay(base, first)[0], second)
    sum_of_both, _ = overlay(first, second)
    assert exactly(stacked) == exactly(overlay(base, sum_of_both)[0]) or replaces_a_table(base, first, second)


def replaces_a_table(base: Any, first: Any, second: Any) -> bool:
    """Where the first puts a value in place of a table and the second a table again, the base's keys are gone for good."""
    tables = [isinstance(tree, dict) for tree in (base, first, second)]
    if tables == [True, False, True]:
        return True
    shared = [key for key in base if key in first and key in second] if all(tables) else []
    return any(replaces_a_table(base[key], first[key], second[key]) for key in shared)


@given(TREES, TREES)
def test_keys_that_an_overlay_does_not_name_stay_as_they_were(base, over):
    merged, _ = overlay(base, over)
    for key in base.keys() - over.keys():
        assert merged[key] is base[key]
    assert list(merged) == [*base, *(key for key in over if key not in base)]


@given(TREES, TREES)
def test_the_arguments_are_not_touched(base, over):
    before = repr((base, over))
    overlay(base, over)
    assert repr((base, over)) == before


@given(TREES, TREES)
def test_an_overlay_tells_no_change_exactly_when_it_makes_none(base, over):
    merged, changes = overlay(base, over)
    assert (exactly(merged) == exactly(base)) == (not changes)


def test_changes_are_told_leaf_by_leaf_with_old_and_new_value():
    base = {"with": {"epochs": 1, "lora": {"rank": 8}}, "uses": "x"}
    over = {
        "with": {"epochs": 2, "lora": {"rank": 8, "alpha": 16}},
        "uses": {"a": 1},
        "new": {"b": {"c": 1}, "d.e": []},
    }
    assert overlay(base, over)[1] == (
        ("with.epochs", 1, 2),
        ("with.lora.alpha", None, 16),
        ("uses", "x", {"a": 1}),
        ("new.b.c", None, 1),
        ('new."d.e"', None, []),
    )
