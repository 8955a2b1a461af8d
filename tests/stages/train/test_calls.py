"""Tool calls and answers are read out of generated text."""

from __future__ import annotations

import pytest

from stagerun_stages.train.calls import Call, expected_call, read_call, read_text

SPECIAL = frozenset({"<|return|>", "</s>"})


@pytest.mark.parametrize(
    "text",
    [
        ' to=functions.look<|channel|>commentary json<|message|>{"at": 1}<|call|>',
        '<|channel|>commentary to=functions.look <|constrain|>json<|message|>{"at": 1}<|call|>',
        '<|channel|>analysis<|message|>hm<|end|><|start|>assistant to=functions.look<|message|>{"at": 1}',
        '<tool_call>\n{"name": "look", "arguments": {"at": 1}}\n</tool_call>',
        '{"name": "look", "parameters": {"at": 1}}<|eot_id|>',
    ],
)
def test_every_known_form_of_a_call_is_read(text: str) -> None:
    assert read_call(text) == Call("look", {"at": 1})


@pytest.mark.parametrize("text", ["just text", " to=functions.look<|message|>{broken<|call|>", "[1, 2]", '{"at": 1}'])
def test_what_is_no_whole_call_is_none(text: str) -> None:
    assert read_call(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|channel|>final<|message|>yes<|return|>", "yes"),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>yes<|return|>", "yes"),
        ("yes</s>", "yes"),
        ("  yes\n", "yes"),
    ],
)
def test_the_answer_is_what_the_user_reads(text: str, expected: str) -> None:
    assert read_text(text, SPECIAL) == expected


def test_expected_arguments_may_be_json_text() -> None:
    assert expected_call({"name": "look", "arguments": '{"at": 1}'}) == Call("look", {"at": 1})
    assert expected_call("look") is None
