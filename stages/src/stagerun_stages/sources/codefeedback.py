"""codefeedback: questions about code with good answers; the worse answer is the good one broken off with an excuse."""

from __future__ import annotations

from typing import Any

from stagerun import DropRow, source
from stagerun_stages.sources.talk import says, text_of

Row = dict[str, Any]

SHORTEST = 100  # characters of an answer that is worth breaking off
SHARE = 0.3  # of the answer that the worse one keeps
EXCUSE = "I would have to look into this more closely before I go on."


@source(hub="m-a-p/CodeFeedback-Filtered-Instruction", makes="preference", limit=10_000, licence="apache-2.0")
def codefeedback(row: Row) -> Row:
    """Answers to questions about code, preferred to their own first third and a put-off."""
    answer = text_of(row, "answer").strip()
    if len(answer) < SHORTEST:
        raise DropRow(f"an answer of under {SHORTEST} characters")
    worse = f"{answer[: int(SHARE * len(answer))].rstrip()} {EXCUSE}"
    asked = says("user", text_of(row, "query"))
    return {"prompt": [asked], "chosen": [says("assistant", answer)], "rejected": [says("assistant", worse)]}
