"""Each answer is learned once, with what it was thought from."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun_stages.train.chat import Chat, chat_for
from stagerun_stages.train.conversations import read_conversations
from stagerun_stages.train.encoding import IGNORED, Encoder
from stagerun_stages.train.lessons import lessons


def says(text: str, thought: str = "") -> dict[str, Any]:
    return {"role": "assistant", "content": text, **({"thinking": thought} if thought else {})}


def asks(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


CALL = {"type": "function", "function": {"name": "look", "arguments": {}}}
TOLD = [
    asks("one"),
    says("1", "first thought"),
    asks("two"),
    {**says("", "second thought"), "tool_calls": [CALL]},
    {"role": "tool", "name": "look", "content": "seen"},
    says("2"),
    asks("three"),
    says("3", "third thought"),
]


@pytest.fixture
def chat(tokenizer: Any) -> Any:
    """`chat(template)`: a chat with a template that TRL ships."""

    def give(template: str) -> Chat:
        made = type(tokenizer)(
            tokenizer_object=tokenizer.backend_tokenizer, eos_token="<|return|>", pad_token="<|endoftext|>"
        )
        return chat_for(made, {}, "2025-08-01", template)

    return give


def learned(chat: Chat, row: dict[str, Any]) -> list[str]:
    """What is learned from a row, lesson by lesson."""
    encoder = Encoder(chat, assistant_only=True, turn_by_turn=True)
    kept = [[token for token in each.labels if token != IGNORED] for each in encoder.encode([row], str)]
    return [chat.tokenizer.decode(tokens) for tokens in kept]


def test_an_answer_whose_thoughts_would_be_dropped_is_a_lesson_of_its_own(chat: Any) -> None:
    found = learned(chat("gptoss"), {"messages": TOLD})
    assert len(found) == 3
    assert "first thought" in found[0]
    assert "second thought" in found[1]
    assert "to=functions.look" in found[1]
    assert "third thought" in found[2]


def test_every_answer_is_learned_once(chat: Any) -> None:
    found = "".join(learned(chat("gptoss"), {"messages": TOLD}))
    finals = [found.count(f"<|channel|>final<|message|>{number}<|") for number in (1, 2, 3)]
    assert finals == [1, 1, 1]
    assert found.count("to=functions.look") == 1


def test_words_beside_a_call_are_learned_too(chat: Any) -> None:
    told = [asks("go"), {**says("I look."), "tool_calls": [CALL]}, TOLD[4], says("done")]
    assert "I look." in learned(chat("gptoss"), {"messages": told})[0]


def test_where_nothing_is_dropped_the_row_is_the_lesson(chat: Any) -> None:
    plain = {"messages": [asks("one"), says("1"), asks("two"), says("2", "thought")]}
    assert lessons(plain, chat("gptoss")) == [plain]
    assert lessons({"messages": "broken"}, chat("gptoss")) == [{"messages": "broken"}]


def test_without_turn_by_turn_a_conversation_is_learned_as_the_template_shows_it(chat: Any) -> None:
    [whole] = Encoder(chat("gptoss"), assistant_only=True).encode([{"messages": TOLD}], str)
    text = chat("gptoss").tokenizer.decode(whole.ids)
    assert "third thought" in text
    assert "first thought" not in text


def test_a_bad_row_is_named_by_its_number_whatever_lessons_came_before(chat: Any) -> None:
    encoder = Encoder(chat("gptoss"), assistant_only=True, turn_by_turn=True)
    rows = [{"messages": TOLD}, {"messages": TOLD}, {"messages": []}]
    with pytest.raises(Exception, match='row 2 has no "messages" list'):
        list(encoder.encode(rows, lambda index: f"row {index}"))


def test_what_the_template_never_writes_is_counted(chat: Any, data: Any) -> None:
    rows = data([{"messages": TOLD}, {"messages": [asks("a"), says("b")]}])
    done = read_conversations(rows, chat("qwen2_5"), 4096, assistant_only=True)
    assert done.omitted == 1
