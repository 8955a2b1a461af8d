"""hh-rlhf: two conversations in one text each that part at the last answer; people preferred the first."""

from __future__ import annotations

import re
from typing import Any

from stagerun import DropRow, source
from stagerun_stages.sources.talk import Message, says, text_of

Row = dict[str, Any]

ROLES = {"Human": "user", "Assistant": "assistant"}
_TURN = re.compile(r"(?:\A\s*|\n\s*\n)(Human|Assistant):")


@source(hub="Anthropic/hh-rlhf", makes="preference", limit=20_000, licence="mit")
def hh_rlhf(row: Row) -> Row:
    """Preferences of people over the last answer of helpful and harmless conversations."""
    chosen, rejected = _messages(text_of(row, "chosen")), _messages(text_of(row, "rejected"))
    if chosen[:-1] != rejected[:-1]:
        raise DropRow("the two sides answer different questions")
    if chosen[-1]["role"] != "assistant" or rejected[-1]["role"] != "assistant":
        raise DropRow("ends without an answer")
    return {"prompt": chosen[:-1], "chosen": chosen[-1:], "rejected": rejected[-1:]}


def _messages(text: str) -> list[Message]:
    before, *parts = _TURN.split(text)
    if before.strip() or not parts:
        raise DropRow("words before the first turn")
    return [says(ROLES[role], said) for role, said in zip(parts[::2], parts[1::2], strict=True)]
