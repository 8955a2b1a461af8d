"""Rows of the HumanEval family: a prompt that a completion continues, and a test text.

HumanEval itself (`task_id`, `prompt`, `entry_point`, `canonical_solution`, `test`) and HumanEval-X, which has `declaration`
and names the language in the id (`Rust/3`). Of the program only the shape is known here; a language's `adopt` makes a
proper task of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stagerun.contracts.task import Task
from stagerun.errors import StageError
from stagerun.tasks.rows import text_of

FORMAT = "humaneval"
KEPT_APART = frozenset({"task_id", "language", "test", "canonical_solution"})  # all other texts go into meta
_DEFINED = re.compile(r"\b(?:def|fn|func|function|const|let|var|class)\s+(?:\([^)]*\)\s*)?(\w+)")


def is_humaneval(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of the family."""
    return "task_id" in row and "test" in row and ("prompt" in row or "declaration" in row)


def task_of(row: Mapping[str, Any], name: str, language: str = "") -> Task:
    """The task, with `meta` as the language's `adopt` takes it: format, entry_point, prompt and the row's other texts."""
    texts = {key: text_of(row, key, name) for key, value in row.items() if isinstance(value, str)}
    if not texts.get("task_id") or not texts.get("test"):
        raise StageError(
            f"{name} has no task_id or no test", "a HumanEval row has task_id, prompt, entry_point and test"
        )
    prompt, declaration = texts.get("prompt", ""), texts.get("declaration", "")
    entry = texts.get("entry_point") or _last_defined(declaration or prompt)
    if not entry:
        raise StageError(
            f"{name}: no entry_point, and the prompt defines nothing", "name the function under entry_point"
        )
    if declaration and entry not in _defined(prompt):  # HumanEval-X's Rust rows: the prompt is a comment alone
        prompt = f"{prompt.rstrip()}\n{declaration.lstrip()}".lstrip()
    meta = {key: text for key, text in texts.items() if key not in KEPT_APART}
    return Task(
        id=texts["task_id"],
        language=texts.get("language") or language or _language_of(texts["task_id"], name),
        statement=prompt,
        tests=texts["test"],
        meta={**meta, "format": FORMAT, "entry_point": entry, "prompt": prompt},
    )


def _language_of(task_id: str, name: str) -> str:
    """HumanEval itself is Python; HumanEval-X says it in front."""
    prefix = task_id.partition("/")[0].lower()
    if prefix.startswith("humaneval"):
        return "python"
    if "/" in task_id and prefix.isalnum():
        return prefix
    raise StageError(f"{name}: the task {task_id} has no language", "add it, or give the stage's `language`")


def _last_defined(text: str) -> str:
    found = _defined(text)
    return found[-1] if found else ""


def _defined(text: str) -> list[str]:
    return [str(found) for found in _DEFINED.findall(text)]


def continued(task: Task, completion: str) -> str:
    """The program: the prompt and what continues it, or the completion when it defines the entry point itself.

    A whole function still gets what the prompt has before it, imports and helpers, unless it brings them.
    """
    prompt, entry = str(task.meta.get("prompt", "")), str(task.meta.get("entry_point", ""))
    if not any(found.group(1) == entry for found in _DEFINED.finditer(completion)):
        return prompt + completion
    starts = [found.start() for found in _DEFINED.finditer(prompt) if found.group(1) == entry]
    before = prompt[: prompt.rfind("\n", 0, starts[-1]) + 1] if starts else ""
    missing = [block for block in _blocks(before) if not _at_left(block) & _at_left(completion)]
    return "".join(f"{block}\n\n" for block in missing) + completion


def _at_left(text: str) -> set[str]:
    """Lines that begin at the left edge: what imports, and what defines."""
    return {line.rstrip() for line in text.splitlines() if line[:1].strip()}


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs that begin at the left edge; what is indented belongs to the one before. Comments alone are left out."""
    blocks: list[str] = []
    for part in re.split(r"\n(?:[ \t]*\n)+", text.strip("\n")):
        if blocks and part[:1].isspace():
            blocks[-1] += f"\n\n{part}"
        elif part.strip():
            blocks.append(part)
    return (each for each in blocks if not all(line.lstrip().startswith(("#", "//")) for line in each.splitlines()))
