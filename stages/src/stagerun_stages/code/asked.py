"""How a task is put to a model: the option's words around the statement, and the repository that a patch is to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stagerun import Task

PATCH = "Answer with one patch to these files, a unified diff as `git diff` writes it."


def messages_of(task: Task, prompt: str) -> list[dict[str, Any]]:
    """The conversation that asks for a task; one that came with the task is kept as it is."""
    given = task.meta.get("messages")
    if given:
        return [dict(each) for each in given]
    return [{"role": "user", "content": "\n\n".join([_filled(prompt, task), *_repository(task)])}]


def _filled(prompt: str, task: Task) -> str:
    """Other braces than the four known ones are left alone: statements are full of them."""
    values = {"{language}": task.language, "{entry}": task.entry, "{id}": task.id, "{statement}": task.statement}
    before, _, after = prompt.partition("{statement}")
    for name, value in values.items():
        if name != "{statement}":
            before, after = before.replace(name, value), after.replace(name, value)
    return f"{before}{task.statement}{after}"


def _repository(task: Task) -> Iterator[str]:
    for path, text in task.repo.items():
        fence = "```" if "```" not in text else "`````"
        yield f"`{path}`:\n\n{fence}\n{text.rstrip()}\n{fence}"
    if task.repo:
        yield PATCH
