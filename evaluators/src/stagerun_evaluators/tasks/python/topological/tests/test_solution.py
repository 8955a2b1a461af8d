import pytest
from solution import order


def test_nothing():
    assert order({}) == []


def test_a_chain():
    assert order({"c": {"b"}, "b": {"a"}}) == ["a", "b", "c"]


def test_a_choice_is_alphabetical():
    assert order({"z": set(), "a": set(), "m": set()}) == ["a", "m", "z"]


def test_smallest_ready_task_first():
    assert order({"b": {"z"}, "a": set(), "c": set()}) == ["a", "c", "z", "b"]


def test_a_task_that_became_ready_need_not_wait():
    assert order({"b": {"a"}, "c": set()}) == ["a", "b", "c"]


def test_a_diamond():
    assert order({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}}) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("needs", [{"a": {"a"}}, {"a": {"b"}, "b": {"a"}}, {"x": set(), "a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_circles(needs):
    with pytest.raises(ValueError):
        order(needs)


def test_what_was_given_is_left_alone():
    needs = {"b": {"a"}}
    order(needs)
    assert needs == {"b": {"a"}}
