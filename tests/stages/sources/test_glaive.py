"""glaive-v2: every spelling of a call that its rows are known for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stagerun_stages.sources.glaive import glaive_v2

FIND = {
    "name": "find_book",
    "description": "Finds a book",
    "parameters": {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
}
SYSTEM = "SYSTEM: You are a helpful assistant with access to the following functions. Use them if required -\n"


def row(call: str, system: str = SYSTEM + json.dumps(FIND, indent=4) + "\n", after: str = "") -> dict[str, Any]:
    chat = f"USER: Find me a book.\n\n\nASSISTANT: {call} <|endoftext|>\n\n\n{after}"
    return {"system": system, "chat": chat}


def calls(found: Any, message: int = 2) -> list[Any]:
    return [call["function"] for call in found["messages"][message]["tool_calls"]]


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("""{"name": "find_book", "arguments": '{"title": "Emma"}'}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": {"title": "Emma"}}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": '{"title": "It's all right"}'}""", {"title": "It's all right"}),
        (r"""{"name": "find_book", "arguments": '{"title": "It\'s all right"}'}""", {"title": "It's all right"}),
        (r"""{"name": "find_book", "arguments": '{"title": "say \"so\""}'}""", {"title": 'say "so"'}),
        ("""{"name": "find_book", "arguments": '{\n  "title": "Emma"\n}'\n}""", {"title": "Emma"}),
        ("""{"name": "find_book", "parameters": '{"title": "Emma"}'}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": '{"title": "Emma"}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": '{"title": "Emma"'}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": '{"title": "Emma"}}'}""", {"title": "Emma"}),
        ("""{"name": "find_book", "arguments": '{"title": {"en": "Emma"}'}""", {"title": {"en": "Emma"}}),
        ("""{"name": "find_book", "arguments": 'null'}""", {}),
        ("""{"name": "find_book", "arguments": null}""", {}),
        ("""{"name": "find_book", "arguments": '{}'}""", {}),
        ("""{"name": "find_book"}""", {}),
        ("""{"name": "find_book", "arguments": "{\\"title\\": \\"Emma\\"}"}""", {"title": "Emma"}),
        ("""{'name': 'find_book', 'arguments': {'title': 'Emma'}}""", {"title": "Emma"}),
    ],
)
def test_a_call_is_read_however_it_is_written(made: Any, text: str, arguments: Any) -> None:
    assert calls(made(glaive_v2, row(f"<functioncall> {text}"))) == [{"name": "find_book", "arguments": arguments}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("""{"name": "find_book", "arguments": '["Emma"]'}""", "tool call arguments are no JSON object"),
        ("""{"name": "find_book", "arguments": '{"title": Infinity}'}""", "a tool call that cannot be read"),
        ("""{"name": "find_book", "arguments": '{"title": "Emm'}""", "a tool call that cannot be read"),
        ("""{"name": "find_book", "arguments": 'nothing'}""", "a tool call that cannot be read"),
        ("""{"arguments": '{"title": "Emma"}'}""", "a tool call without a name"),
        ("""{"name": "burn_book", "arguments": '{"title": "Emma"}'}""", "a call of a tool that is not declared"),
        ("""{"name": "find_book", "arguments": '{}'} I did it.""", "words behind a tool call"),
        ("[1, 2]", "a tool call that cannot be read"),
        ("", "a tool call that cannot be read"),
    ],
)
def test_a_call_that_cannot_be_trusted_drops_the_row(reason: Any, text: str, why: str) -> None:
    assert reason(glaive_v2, row(f"<functioncall> {text}")) == why


def test_words_before_a_call_stay_beside_it(made: Any) -> None:
    found = made(glaive_v2, row("""I look. <functioncall> {"name": "find_book", "arguments": '{}'}"""))
    assert found["messages"][2]["content"] == "I look."


def test_a_call_in_another_spelling_of_the_name_gets_the_declared_one(made: Any) -> None:
    found = made(glaive_v2, row("""<functioncall> {"name": "findBook", "arguments": '{}'}"""))
    assert calls(found)[0]["name"] == "find_book"


def test_the_whole_conversation_is_there_in_order(made: Any) -> None:
    after = 'FUNCTION RESPONSE: {"title": "Emma"}\n\n\nASSISTANT: ASSISTANT: Emma. <|endoftext|>\n\nUSER: Thanks\n\nASSISTANT: '
    found = made(glaive_v2, row("""<functioncall> {"name": "find_book", "arguments": '{}'}""", after=after))
    told = [(each["role"], each["content"]) for each in found["messages"]]
    assert told == [
        ("system", "You are a helpful assistant."),
        ("user", "Find me a book."),
        ("assistant", ""),
        ("tool", '{"title": "Emma"}'),
        ("assistant", "Emma."),
    ]
    result = found["messages"][3]
    assert (result["name"], result["tool_call_id"]) == ("find_book", found["messages"][2]["tool_calls"][0]["id"])


def test_functions_stand_one_behind_the_other(made: Any) -> None:
    other = {**FIND, "name": "sell_book"}
    system = f"{SYSTEM}{json.dumps(FIND, indent=4)}\n\n{json.dumps(other)},{json.dumps(FIND)}"
    found = made(glaive_v2, row("Which one?", system))
    assert [tool["function"]["name"] for tool in found["tools"]] == ["find_book", "sell_book"]


def test_a_row_without_functions_keeps_what_its_system_says(made: Any) -> None:
    found = made(
        glaive_v2, row("Hello.", "SYSTEM: You are a helpful assistant, with no access to external functions.\n")
    )
    assert found["messages"][0]["content"] == "You are a helpful assistant, with no access to external functions."
    assert "tools" not in found


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"system": SYSTEM + '{"name": "f", "parameters": '}, "tools that cannot be read"),
        (
            {"system": SYSTEM + '{"name": "f"} {"name": "f", "description": "x"}'},
            "a tool declared twice in different ways",
        ),
        ({"chat": "hello"}, "words before the first turn"),
        ({"chat": ""}, "empty chat"),
        ({"chat": None}, 'no "chat"'),
        ({"chat": ["USER: x"]}, "chat is not text"),
        ({"system": 5}, "system is not text"),
        ({"chat": "USER: x"}, "nothing an assistant says"),
        ({"chat": "USER: x\n\nASSISTANT: <|endoftext|>\n\nUSER: y\n\nASSISTANT: z"}, "a message that says nothing"),
        ({"chat": "USER: x\n\nFUNCTION RESPONSE: {}\n\nASSISTANT: y"}, "a tool's result before any call"),
    ],
)
def test_a_broken_row_is_dropped_with_its_reason(reason: Any, broken: dict[str, Any], why: str) -> None:
    assert reason(glaive_v2, {**row("Hello."), **broken}) == why
