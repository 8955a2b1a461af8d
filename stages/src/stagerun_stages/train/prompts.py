"""GRPO rows: prompts rendered through the chat template, those without room for an answer left out and counted."""

from __future__ import annotations

from typing import Any

from attrs import define

from stagerun import Artifact, StageError
from stagerun.tasks import task_of_row
from stagerun_stages.train.chat import BadConversation, Chat
from stagerun_stages.train.rows import Row, read_rows, row_name


@define
class Prompts:
    """Rows with their task read, and for those with room their rendered prompt and place among the rows."""

    rows: list[Row]
    asked: list[dict[str, Any]]

    @property
    def dropped(self) -> int:
        """Rows whose prompt leaves no room for an answer."""
        return len(self.rows) - len(self.asked)


def read_prompts(data: Artifact, chat: Chat, room: int, language: str) -> Prompts:
    """Render every row of `data`; prompts longer than `room` tokens are left out. Raises StageError for bad rows."""
    done = Prompts([], [])
    for index, row in enumerate(read_rows(data)):
        name = row_name(data, index)
        done.rows.append(_checked(row, name, language))
        text = _text(row, chat, name)
        if len(chat.ids(text)) <= room:
            done.asked.append({"prompt": text, "row": index})
    if not done.asked:
        raise StageError(
            f"none of the {len(done.rows)} prompts of {data.source} is within {room} tokens",
            "raise max_length, or lower max_completion_length",
        )
    return done


def _checked(row: Row, name: str, language: str) -> Row:
    if "task" not in row and "expect" not in row:
        raise StageError(f'{name} has neither "task" nor "expect"', "say how an answer is judged")
    if "task" not in row:
        return row
    if not isinstance(row["task"], dict):
        raise StageError(f"{name}: task is no table", "a task is {id, language, tests, expected, entry, files}")
    return {**row, "task": task_of_row({"task": row["task"]}, name, language)}


def _text(row: Row, chat: Chat, name: str) -> str:
    messages = row.get("prompt", row.get("messages"))
    if not isinstance(messages, list) or not messages:
        raise StageError(f'{name} has no "prompt" messages', "a GRPO row is {prompt: [...], task: {...}}")
    try:
        return chat.of(row).text(messages, row.get("tools"), ask=True)
    except BadConversation as error:
        raise StageError(f"the chat template refuses {name}: {error}", "mend the row or drop it") from error
