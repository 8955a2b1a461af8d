"""The plan in words and as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop

from stagerun.render.plan_facts import remote_code
from stagerun.render.plan_json import plan_value
from stagerun.render.plan_text import _wrapped, plan_blocks, plan_lines

PIPELINE = """\
[demo]
seed = 1

[stages.data]
uses = "test.make"
with.text = "one"

[stages.train]
uses = "test.take"
needs = { train = ["absent", "data.train"] }
gates = [{ uses = "size", output = "adapter", min_gb = 0.1, hard = false }]

[stages.absent]
uses = "test.make"
optional = true
with.external = ["nowhere.txt"]

[profiles.quick]
seed = 2
stages.data.with.text = "two"
"""


@pytest.fixture
def lines(workshop: Workshop) -> list[str]:
    """The plan after a run, with a profile and a --set that were not there before."""
    workshop.write(PIPELINE)
    workshop.run()
    return list(plan_lines(workshop.plan("stages.data.with.note=x", profiles=("quick",))))


def test_every_stage_says_what_it_will_do_and_why(lines: list[str]) -> None:
    assert "[stage data] run test.make (stagerun-testkit 0.1)" in lines
    assert "[stage data] because with.text one -> two" in lines
    assert any(line.startswith("[stage absent] because optional, and ") for line in lines)


def test_a_stage_downstream_names_the_cause_at_the_start_of_the_chain(lines: list[str]) -> None:
    assert "[stage train] because data runs first" in lines
    assert "[stage train] cause data: with.text one -> two" in lines


def test_the_parent_taken_is_named_and_the_one_passed_over_with_its_reason(lines: list[str]) -> None:
    assert "[stage train] takes train from data.train" in lines
    (passed,) = [line for line in lines if line.startswith("[stage train] not from ")]
    assert passed.startswith("[stage train] not from absent")
    assert "nowhere.txt" in passed


def test_what_profiles_and_sets_changed_is_shown_where_it_belongs(lines: list[str]) -> None:
    assert "[plan] changed seed 1 -> 2 (profile quick)" in lines
    assert '[stage data] option with.text "one" -> "two" (profile quick)' in lines
    assert '[stage data] option with.note unset -> "x" (--set)' in lines


def test_gates_are_shown_with_their_options(lines: list[str]) -> None:
    assert '[stage train] gate size (soft): size with output = "adapter", min_gb = 0.1' in lines


def test_the_last_line_counts(lines: list[str]) -> None:
    assert lines[-1] == "[plan] 2 stages to run, 1 absent"


def test_blocks_say_the_same_within_the_width(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    plan = workshop.plan("stages.data.with.text=" + "long words " * 30)
    for width in (60, 100):
        blocks = list(plan_blocks(plan, width))
        assert max(len(line) for line in blocks) <= width
        assert any(line.startswith("RUN    data  test.make") for line in blocks)
        assert "       takes     train from data.train" in blocks


@given(text=st.text(alphabet="ab ", max_size=300), width=st.integers(30, 100))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = list(_wrapped("label ", text, width))
    assert "".join(lines).removeprefix("label ").replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


def test_a_checkpoint_of_the_same_options_is_where_training_would_go_on(workshop: Workshop) -> None:
    workshop.write(
        '[demo]\nretries = 0\n[stages.count]\nuses = "test.count"\nwith = { die_at = 5, die_how = "stage_error" }\n'
    )
    workshop.run()
    assert "[stage count] resumes from the checkpoint at step 4" in list(plan_lines(workshop.plan()))
    changed = plan_lines(workshop.plan("stages.count.with.steps=7"))
    assert not any("resumes" in line for line in changed)


def test_code_that_comes_with_a_model_is_pointed_out() -> None:
    options = {"model": {"trust_remote_code": True}, "trust_remote_code": False, "other": {"trust_remote_code": 1}}
    assert list(remote_code(options, "with")) == ["with.model.trust_remote_code"]


def test_the_json_form_has_every_stage_with_its_decision(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    value = json.loads(json.dumps(plan_value(workshop.plan(profiles=("quick",))), default=str))
    assert set(value["stages"]) == {"data", "absent", "train"}
    train = value["stages"]["train"]
    assert train["action"] == "run"
    assert train["inputs"][0]["from"] == "data.train"
    assert train["gates"] == [
        {"name": "size", "uses": "size", "hard": False, "with": {"output": "adapter", "min_gb": 0.1}}
    ]
    assert {"place": "seed", "old": 1, "new": 2, "by": "profile quick"} in value["changes"]


def test_planning_writes_nothing(workshop: Workshop) -> None:
    workshop.write(PIPELINE)
    list(plan_lines(workshop.plan()))
    assert [path.name for path in workshop.root.iterdir()] == ["p.toml"]
