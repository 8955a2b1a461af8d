"""The small world's tokenizer and chat template."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from stagerun_stages.tiny import rows
from stagerun_stages.tiny.requests import call, says, tools, user
from stagerun_stages.tiny.tokenizer import MARKERS, build_tokenizer
from stagerun_stages.tiny.words import FIRST, SECOND

ASK, CALL = user("check src/cacheIndex.py"), call("test", {"path": "src/cacheIndex.py"})


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer()


def spoken(tokenizer: Any, messages: list[Any], **more: Any) -> str:
    """What the template marks as the assistant's."""
    made = tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True, **more)
    pairs = zip(made["input_ids"], made["assistant_masks"], strict=True)
    return str(tokenizer.decode([token for token, mask in pairs if mask]))


def test_it_is_the_same_every_time(tokenizer: Any) -> None:
    assert build_tokenizer().backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()


def test_every_marker_of_harmony_is_one_token(tokenizer: Any) -> None:
    for marker in MARKERS:
        assert len(tokenizer(marker)["input_ids"]) == 1


@pytest.mark.parametrize("text", ["show lines 4 to 99 of app/meshTable.rs", "naïve ☃\n\ttabs", "{'a': -1.5e3}"])
def test_any_text_survives(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_a_name_is_its_two_words_and_a_number_its_digits(tokenizer: Any) -> None:
    for first, second in zip(FIRST, SECOND, strict=True):
        assert tokenizer.tokenize(first + second) == [first, second]
    assert tokenizer.tokenize("407") == ["4", "0", "7"]


def test_every_row_is_short(tokenizer: Any) -> None:
    random = Random(1)
    made = [rows.tool_row(random) for _ in range(100)] + [rows.agent_row(random) for _ in range(200)]
    longest = max(
        len(tokenizer.apply_chat_template(row["messages"], tools=row.get("tools"))["input_ids"]) for row in made
    )
    assert longest <= 96


def test_a_conversation_is_written_as_harmony(tokenizer: Any) -> None:
    told = [ASK, CALL, {"role": "tool", "content": "3 passed"}, says("All good.")]
    text = tokenizer.apply_chat_template(told, tools=tools(["read", "test"]), tokenize=False)
    assert text == (
        "<|start|>developer<|message|>tools: read test<|end|>"
        "<|start|>user<|message|>check src/cacheIndex.py<|end|>"
        '<|start|>assistant to=functions.test<|channel|>commentary json<|message|>{"path": "src/cacheIndex.py"}<|call|>'
        "<|start|>functions.test to=assistant<|channel|>commentary<|message|>3 passed<|end|>"
        "<|start|>assistant<|channel|>final<|message|>All good.<|return|>"
    )


def test_reasoning_goes_to_the_analysis_channel(tokenizer: Any) -> None:
    text = tokenizer.apply_chat_template([ASK, {**says("Yes."), "thinking": "hm"}], tokenize=False)
    assert "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>" in text


def test_a_system_message_is_the_developers(tokenizer: Any) -> None:
    text = tokenizer.apply_chat_template([{"role": "system", "content": "Be brief."}, ASK], tokenize=False)
    assert text.startswith("<|start|>developer<|message|>Be brief.<|end|>")


def test_the_question_is_the_beginning_of_the_answered_conversation(tokenizer: Any) -> None:
    asked = tokenizer.apply_chat_template([ASK], tokenize=False, add_generation_prompt=True)
    assert tokenizer.apply_chat_template([ASK, CALL], tokenize=False).startswith(asked)


def test_only_what_the_assistant_says_is_marked_and_its_stop_token_too(tokenizer: Any) -> None:
    assert spoken(tokenizer, [ASK, CALL], tools=tools(["test"])) == (
        ' to=functions.test<|channel|>commentary json<|message|>{"path": "src/cacheIndex.py"}<|call|>'
    )
    assert spoken(tokenizer, [ASK, says("Yes."), ASK]) == "<|channel|>final<|message|>Yes.<|end|>"
