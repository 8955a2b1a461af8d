"""Conversations become the same tokens on every day, and what the assistant says is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import StageError
from stagerun_stages.train.chat import BadConversation, chat_for, pin_date

TALK = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]


def test_a_template_that_prints_the_date_is_told_a_fixed_day() -> None:
    assert pin_date('Current date: {{ strftime_now("%Y-%m-%d") }}', "2025-08-01") == 'Current date: {{ "2025-08-01" }}'
    assert pin_date("{{ strftime_now('%d %b') + x }}", "2025-08-01") == '{{ "01 Aug" + x }}'


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(StageError, match='date is "tomorrow"; write it as'):
        pin_date("", "tomorrow")


def test_the_assistants_words_are_marked_with_their_stop_token(chat) -> None:
    text, spans = chat.spoken(TALK)
    assert [text[start:end] for start, end in spans] == ["<|channel|>final<|message|>ho<|return|>"]


def test_a_prompt_is_where_the_answer_begins(chat) -> None:
    text, spans = chat.spoken(TALK)
    assert chat.prompt(TALK[:1]) == chat.ids(text[: spans[0][0]])


def test_gpt_oss_gets_the_marked_twin_of_its_template(tokenizer) -> None:
    import trl

    shipped = Path(trl.__file__).parent / "chat_templates" / "gptoss.jinja"
    plain = tokenizer.chat_template
    try:
        tokenizer.chat_template = shipped.read_text(encoding="utf-8")
        chat = chat_for(tokenizer, {"reasoning_effort": "low"}, "2025-08-01")
        text, spans = chat.spoken(TALK)
    finally:
        tokenizer.chat_template = plain
    assert "Current date: 2025-08-01" in text
    assert "Reasoning: low" in text
    assert text == chat.text(TALK)
    assert [text[start:end] for start, end in spans] == ["<|start|>assistant<|channel|>final<|message|>ho<|return|>"]


def test_a_tokenizer_without_chat_template_is_refused(tokenizer) -> None:
    plain = tokenizer.chat_template
    try:
        tokenizer.chat_template = None
        with pytest.raises(StageError, match="has no chat template"):
            chat_for(tokenizer, {}, "2025-08-01")
    finally:
        tokenizer.chat_template = plain


def test_what_a_template_cannot_render_is_said_in_one_line(chat) -> None:
    with pytest.raises(BadConversation, match="UndefinedError"):
        chat.text([{"role": "user"}])
