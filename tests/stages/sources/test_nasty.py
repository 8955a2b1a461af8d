"""Whatever a row holds, a source gives a clean row or a reason; and what it gives, chat templates can write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stagerun import DataSource, DropRow
from stagerun_stages.data.formats import FORMATS, clean
from stagerun_stages.data.tools import declared
from stagerun_stages.sources.code_act import code_act
from stagerun_stages.sources.codefeedback import codefeedback
from stagerun_stages.sources.commitpackft import commitpackft
from stagerun_stages.sources.editpackft import editpackft
from stagerun_stages.sources.glaive import glaive_v2
from stagerun_stages.sources.hermes import hermes_v1
from stagerun_stages.sources.hh_rlhf import hh_rlhf
from stagerun_stages.sources.xlam import xlam_60k
from stagerun_stages.train.chat import pin_date
from stagerun_stages.train.dialect import dialect_of
from stagerun_stages.train.templates import named

SOURCES = {
    source.__name__: source
    for source in (glaive_v2, xlam_60k, hermes_v1, code_act, commitpackft, editpackft, hh_rlhf, codefeedback)
}
COLUMNS = [
    "system",
    "chat",
    "query",
    "answers",
    "answer",
    "tools",
    "conversations",
    "messages",
    "prompt",
    "chosen",
    "rejected",
    "task",
    "expect",
    "instruction",
    "input",
    "output",
    "old_contents",
    "new_contents",
    "old_file",
    "new_file",
    "message",
    "subject",
    "lang",
    "category",
    "schema",
    "id",
    "chat_template_kwargs",
]
PIECES = st.sampled_from(
    [
        *(
            "USER:",
            "ASSISTANT:",
            "FUNCTION RESPONSE:",
            "SYSTEM:",
            "\n\nHuman:",
            "\n\nAssistant:",
            "<functioncall>",
            "\n",
            " ",
        ),
        *(
            "<tool_call>",
            "</tool_call>",
            "<tool_response>",
            "<tools>",
            "</tools>",
            "<|endoftext|>",
            "<think>",
            "</think>",
        ),
        *(
            "{",
            "}",
            "[",
            "]",
            "'",
            '"',
            "\\",
            "\\'",
            ":",
            ",",
            '"name"',
            '"arguments"',
            '"parameters"',
            "'{",
            "}'",
            "```",
        ),
        *(
            "f",
            "it's",
            "Infinity",
            "None",
            "null",
            "True",
            "1e999",
            "\0",
            "\ud83d",
            "é",
            "東",
            "<|start|>",
            "Observation:",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)
KEYS = st.sampled_from(
    [
        "role",
        "from",
        "content",
        "value",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "parameters",
        "type",
        "properties",
        "items",
        "enum",
        "default",
        "id",
        "text",
        "tool_call_id",
        "thinking",
        "description",
        "required",
        "oneOf",
        "tests",
        "language",
    ]
)
WORDS = st.sampled_from(
    ["user", "assistant", "system", "developer", "tool", "human", "gpt", "function", "string", "array", "object", "f"]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)
ROWS = st.dictionaries(st.sampled_from(COLUMNS), JUNK | JUNK.map(json.dumps), max_size=6)
HARD = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def given_or_dropped(make: Callable[[], Any]) -> Any:
    """What is made, or None for a row that is dropped for a reason that can be counted."""
    try:
        return make()
    except DropRow as dropped:
        reason = str(dropped)
    assert 0 < len(reason) < 80
    return None


def says_something(row: dict[str, Any]) -> bool:
    """No message is empty but one that calls a tool, and a tool's result."""
    told = [
        each
        for part in row.values()
        if isinstance(part, list)
        for each in part
        if isinstance(each, dict) and "role" in each
    ]
    return all(each["content"].strip() or each.get("tool_calls") or each["role"] == "tool" for each in told)


WHOLE: dict[str, dict[str, Any]] = {
    "glaive_v2": {
        "system": 'SYSTEM: Use them if required -\n{"name": "f", "parameters": {"type": "object", "properties": {}}}',
        "chat": """USER: x

ASSISTANT: so <functioncall> {"name": "f", "arguments": '{"a": "it's"}'} <|endoftext|>

FUNCTION RESPONSE: {"b": 1}

ASSISTANT: done <|endoftext|>""",
    },
    "xlam_60k": {
        "query": "x",
        "answers": '[{"name": "f", "arguments": {"a": 1}}, {"name": "f", "arguments": {}}]',
        "tools": '[{"name": "f", "description": "d", "parameters": {"a": {"type": "int, optional", "default": "1"}}}]',
    },
    "hermes_v1": {
        "conversations": [
            {"from": "system", "value": "<tools>[{'name': 'f', 'description': 'd'}]</tools>"},
            {"from": "human", "value": "x"},
            {"from": "gpt", "value": "<tool_call>{'name': 'f', 'arguments': {'a': None}}</tool_call>"},
            {"from": "tool", "value": "<tool_response>1</tool_response>"},
            {"from": "gpt", "value": "done"},
        ],
        "tools": None,
    },
    "code_act": {
        "conversations": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "<execute>1</execute>"}]
    },
    "commitpackft": {
        "old_contents": "a",
        "new_contents": "b",
        "message": "m\n\nSee: a",
        "lang": "Go",
        "new_file": "a.go",
    },
    "editpackft": {"old_contents": "a", "new_contents": "b", "instruction": "i"},
    "hh_rlhf": {
        "chosen": "\n\nHuman: x\n\nAssistant: y\n\nHuman: z\n\nAssistant: a",
        "rejected": "\n\nHuman: x\n\nAssistant: y\n\nHuman: z\n\nAssistant: b",
    },
    "codefeedback": {"query": "q", "answer": "answer " * 30},
}


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """The value with something in it cut out, put in, or exchanged."""
    if isinstance(value, dict | list) and value and draw(st.integers(0, 9)):
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        at = draw(st.sampled_from(keys))
        made: Any = value.copy()
        made[at] = draw(damaged(value[at]))
        return made
    if isinstance(value, str) and draw(st.integers(0, 9)):
        start = draw(st.integers(0, len(value)))
        return value[:start] + draw(TEXTS) + value[start + draw(st.integers(0, 12)) :]
    return draw(JUNK)


@pytest.mark.parametrize("name", SOURCES)
def test_the_rows_that_are_damaged_below_are_good(name: str) -> None:
    assert says_something(clean(SOURCES[name](WHOLE[name]), SOURCES[name].makes))


@pytest.mark.parametrize("name", SOURCES)
@HARD
@given(data=st.data())
def test_a_source_gives_a_clean_row_or_a_reason(name: str, data: st.DataObject) -> None:
    source: DataSource = SOURCES[name]
    row = data.draw(ROWS | damaged(WHOLE[name]).filter(lambda value: isinstance(value, dict)))
    made = given_or_dropped(lambda: clean(source(row), source.makes))
    assert made is None or says_something(made)


OWN = {"messages": WHOLE["code_act"]["conversations"], "tools": [{"name": "f"}]}


@pytest.mark.parametrize("form", FORMATS)
@HARD
@given(row=ROWS | JUNK | damaged(OWN))
def test_rows_in_our_own_formats_are_clean_or_dropped(form: str, row: Any) -> None:
    made = given_or_dropped(lambda: clean(row, form))
    if made is not None:
        assert says_something(made)
        assert clean(made, form) == made


SCHEMAS = st.recursive(
    JUNK,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["object", "array", "string", "number", "boolean", ["string", "null"], "any", "", 5, []]
            ),
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2) | JUNK,
            "items": inner,
            "enum": st.lists(JUNK, max_size=3) | JUNK,
            "default": JUNK,
            "description": TEXTS | JUNK,
            "required": st.lists(JUNK, max_size=2) | JUNK,
            "oneOf": st.lists(inner, max_size=2) | JUNK,
            "nullable": JUNK,
        },
    ),
    max_leaves=8,
)
TOOLS = st.fixed_dictionaries({"name": st.just("f")}, optional={"description": JUNK, "parameters": SCHEMAS})
TEMPLATES = ("gptoss", "qwen2_5", "qwen3", "llama3_1", "glm4moe")


@pytest.mark.parametrize("name", TEMPLATES)
@HARD
@given(tool=TOOLS, arguments=st.dictionaries(KEYS, JUNK, max_size=3), result=TEXTS)
def test_what_is_clean_is_written_by_chat_templates(name: str, tool: Any, arguments: Any, result: str) -> None:
    from transformers.utils.chat_template_utils import render_jinja_template

    template = pin_date(named(name), "2025-08-01")
    calls = [{"function": {"name": "f", "arguments": arguments}}] * 2
    told = [
        {"role": "developer", "content": "rules"},
        {"role": "user", "content": "question"},
        {"role": "assistant", "content": "words", "tool_calls": calls, "thinking": "thought"},
        {"role": "tool", "content": result},
        {"role": "tool", "content": result},
        {"role": "assistant", "content": "answer"},
    ]
    try:
        row = clean({"messages": told, "tools": declared([tool])}, "messages")
        json.dumps(row, allow_nan=False).encode()
        json.dumps(row, ensure_ascii=False).encode()
    except (DropRow, ValueError):
        return
    messages = dialect_of(template).put(row["messages"])
    text = render_jinja_template([messages], tools=row["tools"], chat_template=template)[0][0]
    assert all(word in text for word in ("rules", "question", "answer"))
