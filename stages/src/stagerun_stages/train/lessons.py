"""Makes of a conversation what is learned from it: itself, and apart from it each answer that it would not show whole.

Some templates leave out what an answer was thought from once another answer follows, as the model will see it when it is used.
Learned as it stands, such a conversation would teach to answer without thinking; so each of these answers becomes a lesson of
its own, the conversation up to it, and is not learned from the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stagerun_stages.train.chat import Chat, Spans
from stagerun_stages.train.rows import Row

LEARN = "learn"  # the key of a lesson: which of its answers are learned, counted from 0; -1 is the last


def lessons(row: Row, chat: Chat) -> list[Row]:
    """The row, or the lessons that it gives."""
    told = row.get("messages")
    if not isinstance(told, list) or not chat.marks_each_answer or not _forgotten(told, chat):
        return [row]
    told = chat.dialect.put(told)
    answers = [place for place, message in enumerate(told) if message["role"] == "assistant"]
    apart = [number for number, place in enumerate(answers[:-1]) if chat.dialect.forgets(told[place])]
    own = [{**row, "messages": told[: answers[number] + 1], LEARN: [number]} for number in apart]
    rest = [number for number in range(len(answers)) if number not in apart]
    return [*own, {**row, "messages": told, LEARN: rest}]


def last_only(row: Row) -> Row:
    """The row, of which the last answer is learned and all before it is the question."""
    return {**row, LEARN: [-1]}


def learned(row: Row, spans: Spans) -> Spans:
    """The spans of the answers that are learned."""
    return spans if LEARN not in row or not spans else [spans[answer] for answer in row[LEARN]]


def _forgotten(told: Sequence[Any], chat: Chat) -> bool:
    """Whether an answer before the last would not be shown whole."""
    answers = [each for each in told if isinstance(each, dict) and each.get("role") == "assistant"]
    return any(chat.dialect.forgets(each) for each in answers[:-1])
