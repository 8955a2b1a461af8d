"""`--set PLACE=VALUE`: what it means, and when it points nowhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun.errors import Problem
from stagerun.spec.profiles import OVERLAID
from stagerun.spec.sets import nowhere, parse

PLACES = (
    "about, backend, environments, judge, keep_checkpoints, params, price_per_hour, "
    "resources, retries, run_dir, seed, stages"
)
TREE = {"params": {"model": "m"}, "stages": {"sft": {"uses": "train", "gates": [{"uses": "metric"}]}}, "seed": 1}


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("seed=3", "seed", 3),
        ("stages.a.with.rate = 1e-5", "stages.a.with.rate", 1e-5),
        ("backend=cpu", "backend", "cpu"),
        ('backend="cpu"', "backend", "cpu"),
        ("a=true", "a", True),
        ("a=True", "a", "True"),
        ("a=[1, 2]", "a", [1, 2]),
        ("a=", "a", ""),
        ("params.model=org/name-v1.0", "params.model", "org/name-v1.0"),
        ("params.query=a=b", "params.query", "a=b"),
        ("a=2024-01-01", "a", "2024-01-01"),
        ("a=1\nb=2", "a", "1\nb=2"),
        ("a=x # y", "a", "x # y"),
    ],
)
def test_the_right_side_is_toml_where_it_can_be_and_text_otherwise(text, place, value):
    parsed = parse(text)
    assert not isinstance(parsed, Problem)
    path, tree = parsed
    for part in path:
        tree = tree[part]
    assert (".".join(path), tree, type(tree)) == (place, value, type(value))


@given(st.lists(st.text(alphabet="ab.\"'=é ", min_size=1), min_size=1, max_size=4), st.integers())
def test_any_place_can_be_named_with_quoted_keys(path, value):
    left = ".".join(json.dumps(part, ensure_ascii=False).replace("=", "\\u003d") for part in path)
    parsed = parse(f"{left}={value}")
    assert not isinstance(parsed, Problem)
    assert parsed[0] == tuple(path)


@pytest.mark.parametrize("text", ["", "seed", "=3", "a..b=1", "stages.=1", "a b=1", "[a]=1"])
def test_what_is_no_place_and_value_is_told_with_an_example(text):
    parsed = parse(text)
    assert isinstance(parsed, Problem)
    assert "expected PLACE=VALUE, such as stages.NAME.with.OPTION=3" in str(parsed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed=3", f'--set: sed: no such place in a pipeline; expected one of {PLACES}; did you mean "seed"?'),
        (
            "stages.stf.with.x=1",
            '--set: stages.stf: the pipeline has no stage "stf"; expected sft; did you mean "sft"?',
        ),
        (
            "params.modle=1",
            '--set: params.modle: the pipeline has no parameter "modle"; expected model; did you mean "model"?',
        ),
        (
            "environments.old.python=x",
            '--set: environments.old: the pipeline has no environment "old"; --set changes what the file has; add it there',
        ),
        (
            "stages.sft.gates.0.max=1",
            "--set: stages.sft.gates.0.max: stages.sft.gates is a list; expected stages.sft.gates=[...], the whole list",
        ),
    ],
)
def test_a_place_that_does_not_exist_is_told_with_the_nearest_one(text, message):
    parsed = parse(text)
    assert not isinstance(parsed, Problem)
    assert str(nowhere(parsed[0], TREE, OVERLAID, "tui")) == message


@pytest.mark.parametrize(
    "text", ["seed=2", "retries=3", "stages.sft.with.new=1", "stages.sft.retries=1", "resources.gpu=2", "stages={}"]
)
def test_a_place_that_may_hold_a_value_is_fine_even_when_nothing_is_there_yet(text):
    parsed = parse(text)
    assert not isinstance(parsed, Problem)
    assert nowhere(parsed[0], TREE, OVERLAID, "tui") is None


def test_the_pipelines_own_name_in_front_is_told():
    problem = nowhere(("tui", "seed"), TREE, OVERLAID, "tui")
    assert problem is not None
    assert problem.hint == "leave out the pipeline's name tui"
