"""Preference rows: a prompt and two answers become token ids, cut at the length limit, with what was lost counted.

TRL would train on a prompt twice when the answers repeat it, and on two equal answers when the cut leaves no difference, or when
the template renders both alike; all pass without a word there and are refused or dropped here.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from stagerun import Artifact, StageError
from stagerun_stages.train.chat import BadConversation, Chat
from stagerun_stages.train.rows import Row, read_rows, row_name

PARTS = ("prompt", "chosen", "rejected")
ECHO = 16  # characters; answers may well begin with the same short word as the question


@define
class Pairs:
    """Rows ready for training, and how many lost part or all of the difference between their answers to the limit.

    `alike` were left out since the template renders both answers alike, as those that only differ in what it leaves out.
    """

    rows: list[dict[str, list[int]]]
    cut: int = 0
    dropped: int = 0
    alike: int = 0


def read_pairs(data: Artifact, chat: Chat, max_length: int) -> Pairs:
    """Tokenise every row of `data`. Raises StageError for bad rows and when no pair survives the cut."""
    done = Pairs([])
    for index, row in enumerate(read_rows(data)):
        name = row_name(data, index)
        _check(row, name)
        try:
            _add(done, *_encode(row, chat), max_length)
        except BadConversation as error:
            raise StageError(f"the chat template refuses {name}: {error}", "mend the row or drop it") from error
    if not done.rows and not done.dropped:
        raise StageError(
            f"the chat template renders chosen and rejected alike in every row of {data.source}", "look at the rows"
        )
    if not done.rows:
        raise StageError(
            f"max_length {max_length} leaves no difference between the answers in any of the {done.dropped} rows "
            f"of {data.source}",
            "raise max_length",
        )
    return done


def _check(row: Row, name: str) -> None:
    kinds = {type(row.get(part)) for part in PARTS}
    if kinds not in ({list}, {str}):
        raise StageError(f"{name} is no preference", "prompt, chosen and rejected are all messages or all text")
    for part in PARTS[1:]:
        if not row[part]:
            raise StageError(f"{name} has an empty {part}", "drop the row")
        if _repeats(row["prompt"], row[part]):
            raise StageError(f"{name} repeats the prompt at the start of {part}", f"keep only the answer in {part}")
    if row["chosen"] == row["rejected"]:
        raise StageError(f"{name} has the same answer as chosen and rejected", "drop the row")
    question = _said(row["prompt"], -1)
    if len(question) >= ECHO and all(_said(row[part], 0).startswith(question) for part in PARTS[1:]):
        raise StageError(f"{name} repeats the question at the start of both answers", "keep only the answers")


def _repeats(prompt: Any, answer: Any) -> bool:
    """Whether an answer begins with the prompt, however the white space differs, or with a turn that is not the assistant's."""
    if isinstance(prompt, str):
        words = prompt.split()
        return bool(words) and answer.split()[: len(words)] == words
    first = answer[0].get("role") if isinstance(answer[0], dict) else None
    return bool(prompt) and (answer[: len(prompt)] == prompt or first in ("system", "developer", "user"))


def _said(messages: Any, place: int) -> str:
    """The text of one message; empty for none."""
    one = messages[place] if isinstance(messages, list) and messages else None
    text = one.get("content") if isinstance(one, dict) else None
    return text.strip() if isinstance(text, str) else ""


def _encode(row: Row, chat: Chat) -> tuple[list[int], list[int], list[int]]:
    """Prompt and the two answers; the answers begin where either leaves the prompt's tokens."""
    if isinstance(row["prompt"], str):
        end = chat.tokenizer.eos_token
        texts = [row["prompt"], *(row["prompt"] + row[part].removesuffix(end) + end for part in PARTS[1:])]
    else:
        tools, chat = row.get("tools"), chat.of(row)
        answers = [chat.text([*row["prompt"], *row[part]], tools) for part in PARTS[1:]]
        texts = [chat.text(row["prompt"], tools, ask=True), *answers]
    prompt, chosen, rejected = (chat.ids(text) for text in texts)
    start = min(_common(prompt, chosen), _common(prompt, rejected))
    return prompt[:start], chosen[start:], rejected[start:]


def _add(done: Pairs, prompt: list[int], chosen: list[int], rejected: list[int], limit: int) -> None:
    if chosen == rejected:
        done.alike += 1
        return
    room = max(limit - len(prompt), 0)
    kept: dict[str, Any] = {"prompt_ids": prompt, "chosen_ids": chosen[:room], "rejected_ids": rejected[:room]}
    if kept["chosen_ids"] == kept["rejected_ids"]:
        done.dropped += 1
        return
    done.cut += max(len(chosen), len(rejected)) > room
    done.rows.append(kept)


def _common(first: list[int], second: list[int]) -> int:
    """How many leading tokens two sequences share."""
    for length, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return length
    return min(len(first), len(second))
