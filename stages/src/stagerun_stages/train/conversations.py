"""SFT rows: conversations become token ids and labels, cut at the length limit, with what was lost counted."""

from __future__ import annotations

from array import array
from functools import partial

from attrs import define

from stagerun import Artifact, StageError
from stagerun_stages.train.chat import Chat
from stagerun_stages.train.encoding import IGNORED, Encoded, Encoder
from stagerun_stages.train.rows import each_row, row_name


@define
class Conversations:
    """Rows ready for training, and how many lost part or all of what the assistant says to the length limit.

    `omitted` counts those with thoughts, or words beside a tool call, for which the chat template has no place.
    """

    rows: list[dict[str, array[int]]]
    cut: int = 0
    dropped: int = 0
    omitted: int = 0


def read_conversations(
    data: Artifact,
    chat: Chat,
    max_length: int,
    *,
    assistant_only: bool,
    turn_by_turn: bool = False,
    completion_only: bool = False,
    processes: int = 1,
) -> Conversations:
    """Tokenise every row of `data`. Raises StageError for bad rows and when no answer survives the cut."""
    encoder = Encoder(chat, assistant_only, turn_by_turn, completion_only)
    done = Conversations([])
    for encoded in encoder.encode(each_row(data), partial(row_name, data), processes):
        _add(done, encoded, max_length)
    if not done.rows:
        raise StageError(
            f"max_length {max_length} cuts off the whole answer in each of the {done.dropped} rows of {data.source}",
            "raise max_length",
        )
    return done


def _add(done: Conversations, encoded: Encoded, limit: int) -> None:
    done.omitted += encoded.omitted
    kept, lost = encoded.labels[:limit], encoded.labels[limit:]
    if kept.count(IGNORED) == len(kept):
        done.dropped += 1
        return
    done.cut += lost.count(IGNORED) < len(lost)
    done.rows.append({"input_ids": encoded.ids[:limit], "labels": kept})
