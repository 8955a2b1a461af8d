"""Makes held-out questions from rows: the conversation up to an answer that can be checked, and what is expected there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Row = dict[str, Any]


def questions(rows: Iterable[Row], limit: int) -> list[Row]:
    """At most `limit` questions. Tool calls and tasks can be checked exactly; texts are asked for only where there is neither."""
    made = [question for row in rows for question in _question(row)]
    exact = [question for question in made if not isinstance(question.get("expect"), str)]
    return (exact or made)[:limit]


def _question(row: Row) -> Iterator[Row]:
    tools: Row = {key: row[key] for key in ("tools", "chat_template_kwargs") if key in row}
    if "task" in row or "expect" in row:
        yield row
    elif "messages" in row:
        yield from _from_messages(row["messages"], tools)
    elif isinstance(row["prompt"], list):
        yield from _from_messages([*row["prompt"], *row["chosen"]], tools)


def _from_messages(told: Sequence[Row], tools: Row) -> Iterator[Row]:
    """The first tool call of the conversation, else its last answer."""
    answers = [place for place, each in enumerate(told) if each["role"] == "assistant" and place > 0]
    calls = [place for place in answers if "tool_calls" in told[place]]
    if answers:
        place = calls[0] if calls else answers[-1]
        yield {"messages": list(told[:place]), **tools, "expect": _expected(told[place])}


def _expected(answer: Row) -> Any:
    calls = answer.get("tool_calls")
    return calls[0]["function"] if calls else answer["content"]
