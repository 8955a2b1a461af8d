"""The GPT-OSS chat template writes what OpenAI's own renderer writes, character by character and token by token.

What is compared is the writing. Which thoughts are shown is the template's rule, and a different one from openai-harmony's, which
drops all before the first final answer, those of that answer too: theirs is handed what ours shows, and told to drop nothing.

Skipped where openai-harmony or its vocabulary is absent: it wants `TIKTOKEN_ENCODINGS_BASE` to name a folder that holds
`o200k_base.tiktoken`. The npm package js-tiktoken has the ranks to make that file from.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from stagerun_stages.train.chat import Chat, pin_date
from stagerun_stages.train.templates import named

VOCABULARY = Path(os.environ.get("TIKTOKEN_ENCODINGS_BASE", "")) / "o200k_base.tiktoken"
harmony = pytest.importorskip("openai_harmony", reason="openai-harmony is not installed")
pytestmark = pytest.mark.skipif(
    not os.environ.get("TIKTOKEN_ENCODINGS_BASE") or not VOCABULARY.is_file(),
    reason="TIKTOKEN_ENCODINGS_BASE names no folder with o200k_base.tiktoken",
)
DAY = "2025-08-01"
LOOK = {
    "name": "look",
    "description": "Looks at a place.",
    "parameters": {
        "type": "object",
        "properties": {
            "at": {"type": "integer", "description": "where"},
            "why": {"type": "string", "enum": ["need", "joy"]},
            "all": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["at"],
    },
}
WORDS = ["bird", "über", "东西", "😀", "a", "line\n", "  two  spaces ", "42", "\ttab", "it's", "{}", 'say "so"', "end."]


def say(random: Random) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 9)))


def talk(random: Random) -> tuple[list[dict[str, Any]], bool]:
    """A conversation of up to three turns, and whether a tool is on offer."""
    offered = random.random() < 0.7
    told = [{"role": "developer", "content": say(random)}] if offered and random.random() < 0.7 else []
    for _ in range(random.randint(1, 3)):
        told.append({"role": "user", "content": say(random)})
        for _ in range(random.randint(0, 2) if offered else 0):
            call = {"name": "look", "arguments": {"at": random.randint(0, 99), "why": say(random)}}
            told.append({"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": call}]})
            if random.random() < 0.5:
                told[-1]["thinking"] = say(random)
            told.append({"role": "tool", "name": "look", "content": say(random)})
        told.append({"role": "assistant", "content": say(random)})
        if random.random() < 0.5:
            told[-1]["thinking"] = say(random)
    return told, offered


def theirs(told: list[dict[str, Any]], effort: str, *, offered: bool) -> Any:
    """The conversation in the words of openai-harmony."""
    about = harmony.SystemContent.new().with_conversation_start_date(DAY)
    about = about.with_reasoning_effort(getattr(harmony.ReasoningEffort, effort.upper()))
    found = [harmony.Message.from_role_and_content(harmony.Role.SYSTEM, about)]
    rules = told[0]["content"] if told[0]["role"] == "developer" else ""
    if rules or offered:
        words = harmony.DeveloperContent.new()
        words = words.with_instructions(rules) if rules else words
        tool = harmony.ToolDescription.new(LOOK["name"], LOOK["description"], parameters=LOOK["parameters"])
        words = words.with_function_tools([tool]) if offered else words
        found.append(harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, words))
    for message in told[bool(rules) :]:
        found += their_messages(message)
    return harmony.Conversation.from_messages(found)


def their_messages(message: dict[str, Any]) -> list[Any]:
    make, role = harmony.Message.from_role_and_content, harmony.Role
    if message["role"] == "user":
        return [make(role.USER, message["content"])]
    if message["role"] == "tool":
        author = harmony.Author.new(role.TOOL, f"functions.{message['name']}")
        told = harmony.Message.from_author_and_content(author, json.dumps(message["content"], ensure_ascii=False))
        return [told.with_recipient("assistant").with_channel("commentary")]
    thought = [make(role.ASSISTANT, message["thinking"]).with_channel("analysis")] if "thinking" in message else []
    if "tool_calls" not in message:
        return [*thought, make(role.ASSISTANT, message["content"]).with_channel("final")]
    function = message["tool_calls"][0]["function"]
    call = make(role.ASSISTANT, json.dumps(function["arguments"], ensure_ascii=False)).with_channel("commentary")
    return [*thought, call.with_recipient(f"functions.{function['name']}").with_content_type("json")]


@pytest.fixture(scope="module")
def encoding() -> Any:
    return harmony.load_harmony_encoding(harmony.HarmonyEncodingName.HARMONY_GPT_OSS)


def ours(encoding: Any, effort: str) -> Chat:
    from transformers.utils.chat_template_utils import render_jinja_template

    def apply_chat_template(messages: Any, chat_template: str, tools: Any, tokenize: bool, **options: Any) -> str:
        return str(render_jinja_template([messages], tools=tools, chat_template=chat_template, **options)[0][0])

    template = pin_date(named("gptoss"), DAY)
    tokenizer = SimpleNamespace(special_tokens_map={}, apply_chat_template=apply_chat_template)
    return Chat(tokenizer, template, None, {"reasoning_effort": effort})


def without_old_thoughts(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Thoughts are shown of the last answer, and of calls that no answer follows."""
    last = max(at for at, each in enumerate(told) if each["role"] == "assistant" and "tool_calls" not in each)
    return [
        {key: value for key, value in message.items() if key != "thinking" or at >= last}
        for at, message in enumerate(told)
    ]


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_a_conversation_is_written_as_openai_writes_it(encoding: Any, effort: str) -> None:
    random = Random(effort)
    for _ in range(100):
        told, offered = talk(random)
        text = ours(encoding, effort).text(told, [{"type": "function", "function": LOOK}] if offered else None)
        conversation = theirs(without_old_thoughts(told), effort, offered=offered)
        tokens = encoding.render_conversation_for_training(
            conversation, harmony.RenderConversationConfig(auto_drop_analysis=False)
        )
        assert text == encoding.decode(tokens)
        assert encoding.encode(text, allowed_special="all") == tokens


def test_they_differ_in_the_blank_line_behind_instructions_without_tools(encoding: Any) -> None:
    told = [{"role": role, "content": "x"} for role in ("developer", "user", "assistant")]
    tokens = encoding.render_conversation_for_training(theirs(told, "low", offered=False))
    assert ours(encoding, "low").text(told) == encoding.decode(tokens).replace("x<|end|>", "x\n\n<|end|>", 1)
