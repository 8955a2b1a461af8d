"""The Modelfile's template renders what the model's own does; Go itself says so, where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stagerun_stages.models import ollama
from stagerun_stages.models.ollama import DAY, PROBE, PROBE_TOOLS, find_pieces, go_template, modelfile, stop_texts

GO = Path(__file__).parents[2] / "fixtures" / "gotemplate" / "main.go"
needs_go = pytest.mark.skipif(
    shutil.which("go") is None, reason="go, which renders Ollama's templates, is not installed"
)
TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is 2 + 2?"},
    {"role": "assistant", "content": "4"},
    {"role": "user", "content": "And\n3 + 3?"},
]
CHATML = """\
{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}
"""
MISTRAL = """\
{%- for m in messages -%}
{%- if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}{% elif m.role == 'assistant' %}{{ ' ' + m.content + '</s>' }}
{%- else %}{{ m.content + '\\n\\n' }}{% endif -%}
{%- endfor -%}
"""
COUNTING = "{%- for m in messages %}{{ m.content|length|string + ':' + m.content }}{% endfor -%}"


@cache
def renderer(folder: Path) -> Path:
    """The Go program, built once."""
    program = folder / "render"
    subprocess.run(["go", "build", "-o", str(program), str(GO)], check=True, env={**_environ(), "GOFLAGS": "-mod=mod"})
    return program


def _environ() -> dict[str, str]:
    import os

    return dict(os.environ)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`rendered(template, messages, tools)`: what Ollama hands the model."""
    folder = tmp_path_factory.mktemp("go")

    def give(template: str, messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None) -> str:
        values = {
            "System": "\n\n".join(m["Content"] for m in _named(messages) if m["Role"] == "system"),
            "Messages": _named(messages),
            "Tools": _named(tools or []),
        }
        done = subprocess.run(
            [str(renderer(folder))],
            input=json.dumps({"Template": template, "Values": values}),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    return give


def _named(value: Any) -> Any:
    """JSON with the names that Ollama's Go types give its fields; names of tools' parameters stay what they are."""
    if isinstance(value, list | tuple):
        return [_named(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {"properties", "arguments"}
    renamed = {"tool_calls": "ToolCalls"}
    found = {}
    for key, inner in value.items():
        name = renamed.get(key, key.capitalize())
        if key == "arguments":
            found[name] = json.dumps(inner)
        else:
            found[name] = {k: _named(v) for k, v in inner.items()} if key in plain else _named(inner)
    return found


@pytest.fixture
def with_template(tokenizer):
    """`with_template(text)`: the tokenizer with another chat template, for the time of the test."""
    was = tokenizer.chat_template

    def give(text: str) -> Any:
        tokenizer.chat_template = text
        return tokenizer

    yield give
    tokenizer.chat_template = was


def harmony() -> str:
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / "gptoss.jinja").read_text()


def own(tokenizer: Any, messages: Any, tools: Any = None) -> str:
    return ollama.renderer(tokenizer)(messages, tools)


@pytest.mark.parametrize("template", [CHATML, MISTRAL], ids=["chatml", "mistral"])
def test_the_texts_between_messages_are_read_off_any_template(template, with_template) -> None:
    tokenizer = with_template(template)
    pieces = find_pieces(ollama.renderer(tokenizer))
    assert pieces is not None
    assert pieces.text(TALK) == own(tokenizer, TALK)
    assert pieces.text(TALK[1:]) == own(tokenizer, TALK[1:])


def test_a_template_that_looks_at_what_was_said_has_no_twin(with_template) -> None:
    tokenizer = with_template(COUNTING)
    assert go_template(tokenizer) is None
    text = modelfile("m", ["m-f16.gguf"], None, ["</s>"])
    assert "TEMPLATE" not in text
    assert "the one inside the GGUF" in text


@needs_go
@pytest.mark.parametrize("template", [CHATML, MISTRAL], ids=["chatml", "mistral"])
def test_go_renders_what_the_model_was_trained_on(template, with_template, rendered) -> None:
    tokenizer = with_template(template)
    written = str(go_template(tokenizer))
    assert rendered(written, TALK) == own(tokenizer, TALK)
    assert rendered(written, TALK[1:2]) == own(tokenizer, TALK[1:2])


@needs_go
def test_go_renders_harmony_with_tools_calls_and_results(with_template, rendered) -> None:
    tokenizer = with_template(harmony())
    assert go_template(tokenizer) == ollama.HARMONY.read_text().strip("\n")
    for messages in (PROBE, TALK, TALK[1:], [*TALK[:2], *PROBE[2:]]):
        for tools in (None, PROBE_TOOLS):
            assert rendered(str(go_template(tokenizer)), list(messages), tools) == own(tokenizer, messages, tools)


def test_the_date_is_the_servers_not_the_day_of_training(with_template) -> None:
    template = "{{ strftime_now('%Y-%m-%d') + '\\n' }}" + CHATML
    written = str(go_template(with_template(template)))
    assert "{{ currentDate }}" in written
    assert DAY not in written


def test_harmony_stops_at_the_end_of_an_answer_and_not_of_a_message(tokenizer) -> None:
    stops = stop_texts(tokenizer, tokenizer.convert_tokens_to_ids(["<|return|>", "<|call|>"]))
    lines = modelfile("Tiny", ["tiny-q8_0.gguf", "tiny-f16.gguf"], "T", stops).splitlines()
    assert lines == [
        "# Tiny, for Ollama: ollama create tiny -f Modelfile",
        "FROM ./tiny-q8_0.gguf",
        "# FROM ./tiny-f16.gguf",
        "# <|end|> ends a message, not an answer: reasoning comes in a message of its own, before the reply.",
        'PARAMETER stop "<|return|>"',
        'PARAMETER stop "<|call|>"',
        'TEMPLATE """T"""',
    ]
