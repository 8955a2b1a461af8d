"""Values that were meant to be JSON are read without guessing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun_stages.sources.lenient import first_value, value_of, values_of

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    assert value_of(json.dumps(value)) == value
    assert value_of(json.dumps(value, ensure_ascii=False, indent=1)) == value


@given(OBJECTS)
def test_python_is_read_as_what_it_means(value: Any) -> None:
    assert value_of(repr(value)) == value


@given(OBJECTS, st.integers(1, 3))
def test_closing_brackets_that_are_missing_are_added(value: Any, missing: int) -> None:
    text = json.dumps({"a": {"b": [value, 1]}})
    assert value_of(text[: -min(missing, 3)]) == {"a": {"b": [value, 1]}}


@given(st.lists(OBJECTS, min_size=1, max_size=3), st.sampled_from(["", "\n", ",", ", ", "\n\n"]))
def test_objects_one_behind_the_other_are_told_apart(values: list[Any], between: str) -> None:
    assert values_of(between.join(map(json.dumps, values))) == values


@given(st.text(max_size=200))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        value, rest = first_value(text)
    except ValueError:
        return
    assert text.endswith(rest)
    json.dumps(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": True, "b": null, \'c\': None}', {"a": True, "b": None, "c": None}),
        ('{"a": "it\'s"}', {"a": "it's"}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ("{'path': 'C:\\\\new'}", {"path": "C:\\new"}),
        ("{'a': (1, 2), 'b': -3.5}", {"a": [1, 2], "b": -3.5}),
        ("{'re': '\\d+'}", {"re": "\\d+"}),
    ],
)
def test_mixed_spellings_are_read(text: str, value: Any) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words",
        "{'a': open('x')}",
        "{'a': 1 + 1}",
        '{"a": Infinity}',
        '{"a": NaN}',
        "{1: 2}",
        "{**{}}",
        '{"a": "never closed',
        '{"a": 1} and more',
        "{'a': '\0'}",
        "{" * 100_000,
        "[" * 3000 + "'",
        "{'a': " + "9" * 5000 + "}",
    ],
)
def test_what_would_be_a_guess_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its only kind of refusal
        value_of(text)
