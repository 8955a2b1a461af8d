"""Writes what a person needs beside the weights to serve a model: Modelfile, sample prompts, a note for AnythingLLM."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stagerun_stages.models.asking import Reference
from stagerun_stages.models.ggufs import Made
from stagerun_stages.models.ollama import go_template, modelfile, stop_texts

PROMPTS = "sample_prompts.jsonl"


def write_serving(
    folder: Path, name: str, made: Sequence[Made], reference: Reference, tokenizer: Any, stops: Sequence[int]
) -> None:
    """Write the three files; `stops` are the tokens that end an answer. Nothing can be served by them without a GGUF."""
    texts = stop_texts(tokenizer, stops)
    files = [each.file.name for each in made]
    (folder / "Modelfile").write_text(modelfile(name, files, go_template(tokenizer), texts), encoding="utf-8")
    (folder / PROMPTS).write_text("".join(_prompts(reference, tokenizer)), encoding="utf-8")
    (folder / "AnythingLLM.md").write_text(note(name, files[0]), encoding="utf-8")


def _prompts(reference: Reference, tokenizer: Any) -> list[str]:
    """A line for each question: messages, tools, the text the model reads, and what the source answered, greedily."""
    rows = []
    for question, given in zip(reference.questions, reference.answers, strict=True):
        row: dict[str, Any] = {"messages": question.messages}
        if question.tools:
            row["tools"] = question.tools
        answer = tokenizer.decode(given, skip_special_tokens=False)
        rows.append(json.dumps({**row, "prompt": question.text, "answer": answer}, ensure_ascii=False) + "\n")
    return rows


def note(name: str, file: str) -> str:
    """How to use the model in AnythingLLM, through Ollama or llama.cpp's server."""
    return f"""# {name} in AnythingLLM

Through Ollama:

1. In this folder: `ollama create {name.lower()} -f Modelfile`, then `ollama run {name.lower()} "Hello"` to see that it answers.
2. In AnythingLLM: Settings, AI Providers, LLM, provider **Ollama**. Base URL `http://127.0.0.1:11434`
   (`http://host.docker.internal:11434` when AnythingLLM runs in Docker), model `{name.lower()}`.
3. Set the token context window there to what the machine has memory for, and no more than the model was made for.

Through llama.cpp's server: `llama-server -m {file} --jinja --port 8080`, then provider **Generic OpenAI** with base URL
`http://127.0.0.1:8080/v1`. `--jinja` uses the chat template inside the file, tools included.

Leave AnythingLLM's own system prompt empty at first: a fine-tuned model was trained with its own. `{PROMPTS}` has questions with
the answers to expect at temperature 0.
"""
