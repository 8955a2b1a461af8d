"""Formats are checked while planning: their names, their limits, and the software they need."""

from __future__ import annotations

import pytest

from stagerun_stages.models import formats
from stagerun_stages.models.export import Export


def said(**options) -> list[str]:
    return list(Export(**options).check())


def test_every_format_is_allowed_once() -> None:
    assert said(formats=formats.FORMATS) == []
    assert said(formats=("gguf-f16", "gguf-f16")) == ['formats names "gguf-f16" more than once']


def test_a_misspelt_format_gets_the_nearest_name() -> None:
    assert said(formats=("safetensors", "gguf-q8")) == ['there is no format "gguf-q8"; did you mean "gguf-q8_0"?']
    assert said(max_divergence={"gguf-q40": 1.0}) == ['max_divergence names "gguf-q40"; did you mean "gguf-q4_0"?']


def test_no_format_at_all_is_a_mistake() -> None:
    assert said(formats=()) == [f"formats is empty; there are {', '.join(formats.FORMATS)}"]


@pytest.mark.parametrize("name", ["questions", "answer_tokens"])
def test_something_must_be_asked_and_answered(name: str) -> None:
    assert said(**{name: 0}) == [f"{name} is 0; it must be at least 1"]


def test_a_gguf_without_its_software_is_a_plan_error_that_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert said() == []
    assert said(formats=("gguf-f16",)) == [
        "a GGUF needs conversion, gguf, xllamacpp, which this interpreter lacks; pip install 'stagerun-stages[gguf]'"
    ]


def test_files_are_called_after_the_model() -> None:
    assert Export().slug("export") == "export"
    assert Export(name="My model: v2/final").slug("export") == "My-model-v2-final"
    assert Export(name="///").slug("export") == "model"
