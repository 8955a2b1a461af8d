"""What a chat template can say is found by asking it, and conversations are put so that nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from stagerun_stages.train.chat import BadConversation, Chat, chat_for, pin_date
from stagerun_stages.train.dialect import Dialect, dialect_of
from stagerun_stages.train.templates import named

CALLS = [
    {"id": f"call{number:05}", "type": "function", "function": {"name": name, "arguments": {"at": number}}}
    for number, name in enumerate(("look", "hear"))
]
TOLD: list[dict[str, Any]] = [
    {"role": "developer", "content": "rules"},
    {"role": "user", "content": "question"},
    {"role": "assistant", "content": "words", "thinking": "thought", "tool_calls": CALLS},
    {"role": "tool", "name": "hear", "content": "heard", "tool_call_id": "call00001"},
    {"role": "tool", "name": "look", "content": "looked", "tool_call_id": "call00000"},
    {"role": "assistant", "content": "answer"},
]
SPECIALS = (("bos_token", "<s>"), ("eos_token", "</s>"))


def dialect(name: str) -> Dialect:
    return dialect_of(pin_date(named(name), "2025-08-01"), SPECIALS)


def written(name: str, told: list[Any]) -> str:
    template = pin_date(named(name), "2025-08-01")
    put = dialect(name).put(told)
    return str(render_jinja_template([put], chat_template=template, **dict(SPECIALS))[0][0])


def test_what_templates_can_say_differs() -> None:
    assert dialect("gptoss") == Dialect(
        parallel=False, all_beside_a_call=False, keeps_thoughts=False, words=True, keeps_words=False
    )
    assert dialect("qwen3") == Dialect(developer=False, keeps_thoughts=False)
    assert not dialect("qwen2_5").thoughts
    assert (dialect("llama3_1").parallel, dialect("llama3_1").words) == (False, False)
    assert not dialect("llama3").calls
    assert not dialect("gemma").system


@pytest.mark.parametrize("name", ["gptoss", "qwen2_5", "qwen3", "llama3_1", "glm4moe"])
def test_every_turn_call_and_result_is_written_whatever_the_template(name: str) -> None:
    text = written(name, TOLD)
    assert [
        word for word in ("rules", "question", "look", "hear", "looked", "heard", "answer") if word not in text
    ] == []


def test_calls_made_at_once_become_one_after_the_other_each_with_its_own_result() -> None:
    put = dialect("gptoss").put(TOLD)
    assert [(each["role"], each.get("name", "")) for each in put[2:]] == [
        ("assistant", ""),
        ("tool", "look"),
        ("assistant", ""),
        ("tool", "hear"),
        ("assistant", ""),
    ]
    assert [each["tool_calls"] for each in put if "tool_calls" in each] == [[CALLS[0]], [CALLS[1]]]


def test_results_that_name_no_call_are_given_out_in_order() -> None:
    bare = [{key: value for key, value in each.items() if key != "tool_call_id"} for each in TOLD]
    assert [each["content"] for each in dialect("gptoss").put(bare) if each["role"] == "tool"] == ["heard", "looked"]


def test_what_is_thought_and_said_beside_a_call_is_thought_where_only_one_has_a_place() -> None:
    put = dialect("gptoss").put(TOLD[:3])
    assert (put[2]["content"], put[2]["thinking"]) == ("", "thought\n\nwords")
    assert "thought\n\nwords" in written("gptoss", TOLD[:3])


def test_a_developer_is_a_system_where_there_is_none_and_a_part_of_the_question_where_there_is_neither() -> None:
    told = [TOLD[0], TOLD[1], TOLD[-1]]
    assert dialect("gptoss").put(told) == told
    assert dialect("qwen3").put(told)[0] == {"role": "system", "content": "rules"}
    assert dialect("gemma").put(told)[0] == {"role": "user", "content": "rules\n\nquestion"}


@pytest.mark.parametrize("name", ["gptoss", "qwen3"])
@pytest.mark.parametrize("key", ["thinking", "reasoning_content", "reasoning"])
def test_thoughts_are_written_whatever_they_are_called(name: str, key: str) -> None:
    assert "thought" in written(name, [TOLD[1], {**TOLD[-1], key: "thought"}])


def test_a_template_without_a_form_for_calls_refuses_them_and_takes_the_rest() -> None:
    assert dialect("llama3").put([TOLD[1], TOLD[-1]]) == [TOLD[1], TOLD[-1]]
    with pytest.raises(BadConversation, match="no form for tool calls"):
        dialect("llama3").put(TOLD)


def test_what_is_left_out_is_known() -> None:
    thinks, says = {"role": "assistant", "content": "a", "thinking": "b"}, {**TOLD[2], "thinking": ""}
    assert dialect("gptoss").forgets(thinks)
    assert dialect("gptoss").forgets(says)
    assert not dialect("gptoss").omits(thinks)
    assert dialect("qwen2_5").omits(thinks)
    assert dialect("llama3_1").omits(says)
    assert not dialect("qwen3").forgets(says)


@pytest.fixture
def harmony(tokenizer: Any) -> Chat:
    own = type(tokenizer)(
        tokenizer_object=tokenizer.backend_tokenizer, eos_token="<|return|>", pad_token="<|endoftext|>"
    )
    return chat_for(own, {"reasoning_effort": "low"}, "2025-08-01", "gptoss")


def test_a_row_may_have_settings_of_its_own_for_the_template(harmony: Chat) -> None:
    row = {"chat_template_kwargs": {"reasoning_effort": "high"}}
    assert "Reasoning: high" in harmony.of(row).text(TOLD[1:2])
    assert "Reasoning: low" in harmony.of({}).text(TOLD[1:2])
