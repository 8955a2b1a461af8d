"""The JSON schema of the pipeline file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import frozen
from jsonschema import Draft7Validator

from stagerun import Registry, option
from stagerun.cli.schema_document import document
from stagerun.cli.schema_types import of, options_of
from stagerun.spec import keys

from .conftest import Say

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return document(Registry(), lambda _: None)


@pytest.fixture(scope="module")
def judge(schema: dict[str, Any]) -> Draft7Validator:
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def faults(judge: Draft7Validator, text: str) -> list[str]:
    """The places that the schema complains about."""
    return [".".join(map(str, error.absolute_path)) for error in judge.iter_errors(tomllib.loads(text))]


def test_the_shipped_pipelines_are_right(judge: Draft7Validator) -> None:
    assert faults(judge, (ROOT / "pipelines.toml").read_text()) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[p.stages.a]\nuses = "test.mke"', "p.stages.a.uses"),
        ('[p.stages.a]\nuse = "test.make"', "p.stages.a"),
        ('[p.stages.a]\nuses = "test.make"\nwith.txt = "x"', "p.stages.a.with"),
        ('[p.stages.a]\nuses = "test.make"\nwith.text = 3', "p.stages.a.with.text"),
        ('[p.stages.a]\nuses = "test.take"\nneeds.tran = "b"', "p.stages.a.needs"),
        ('[p.stages.a]\nuses = "test.make"\ngates = [{ uses = "metric", metrik = "x" }]', "p.stages.a.gates.0"),
        ("[p]\nsed = 1\n[p.stages]", "p"),
        ("[p]\nseed = -1\n[p.stages]", "p.seed"),
        ("[p]\nabout = 'no stages'", "p"),
        ("[p.stages]\n[p.profiles.x]\nprofiles = {}", "p.profiles.x"),
    ],
    ids=lambda value: value.replace("\n", " "),
)
def test_a_mistake_is_found_where_it_is(judge: Draft7Validator, text: str, place: str) -> None:
    assert set(faults(judge, text)) == {place}


def test_a_parameter_may_stand_for_a_value_of_any_type(judge: Draft7Validator) -> None:
    text = '[p]\nseed = "${params.s}"\n[p.stages.a]\nuses = "test.make"\nwith.metric = "${params.m}"\nwith.nan = "yes"'
    assert faults(judge, text) == ["p.stages.a.with.nan"]


def test_a_profile_may_change_a_stage_without_saying_what_it_uses(judge: Draft7Validator) -> None:
    assert faults(judge, "[p.stages]\n[p.profiles.x]\nwhen.backend = 'cpu'\nstages.a.with.text = 'y'") == []


def test_it_knows_the_very_keys_that_the_reader_knows(schema: dict[str, Any]) -> None:
    definitions = schema["definitions"]
    assert definitions["pipeline"]["properties"].keys() == keys.PIPELINE
    assert definitions["profile"]["properties"].keys() == keys.PIPELINE - {"profiles"} | {"when"}
    assert definitions["profile"]["properties"]["when"]["properties"].keys() == keys.WHEN
    assert definitions["stage"]["properties"].keys() == keys.STAGE
    assert definitions["gate"]["properties"].keys() == keys.GATE


def test_options_come_with_their_description_and_default(schema: dict[str, Any]) -> None:
    text = schema["definitions"]["uses-test.make"]["properties"]["with"]["properties"]["text"]
    assert text == {"type": "string", "description": "what to write", "default": "x"}


def test_a_plugin_that_cannot_be_loaded_is_told_and_left_out() -> None:
    told: list[str] = []
    value = document(Registry(), told.append)
    assert "uses-test.broken" not in value["definitions"]
    (line,) = [line for line in told if "test.broken" in line]
    assert "stagerun-testkit" in line


@frozen
class Inner:
    rank: int = 8


@frozen
class Options:
    """One option of each sort."""

    needed: int
    word: Literal["a", "b"] = "a"
    some: tuple[int, ...] = ()
    pair: tuple[int, str] = (1, "x")
    free: dict[str, float] = option(factory=dict)
    maybe: Path | None = None
    inner: Inner = option(factory=Inner)
    anything: Any = None


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ({"needed": 1}, True),
        ({}, False),
        ({"needed": 1, "word": "b"}, True),
        ({"needed": 1, "word": "c"}, False),
        ({"needed": 1, "some": [1, 2]}, True),
        ({"needed": 1, "some": [1, "x"]}, False),
        ({"needed": 1, "pair": [1, "x"]}, True),
        ({"needed": 1, "pair": [1]}, False),
        ({"needed": 1, "free": {"a": 0.5}}, True),
        ({"needed": 1, "free": {"a": "x"}}, False),
        ({"needed": 1, "maybe": "x"}, True),
        ({"needed": 1, "inner": {"rank": 2}}, True),
        ({"needed": 1, "inner": {"rnk": 2}}, False),
        ({"needed": 1, "anything": [{}]}, True),
        ({"needed": True}, False),
    ],
    ids=json.dumps,
)
def test_every_type_an_option_may_have_is_checked(value: dict[str, Any], right: bool) -> None:
    assert Draft7Validator(options_of(Options)).is_valid(value) is right


def test_a_text_needs_no_second_form_for_parameters() -> None:
    assert of(str) == {"type": "string"}


def test_the_command_prints_it_or_writes_it_to_a_file(say: Say, tmp_path: Path) -> None:
    printed = say("schema")
    assert printed.code == 0
    assert say("schema", "--out", "schema.json").out == ""
    assert json.loads((tmp_path / "schema.json").read_text()) == json.loads(printed.out)
    assert say("schema", "--out", "no/such/folder/x").code == 1
