"""SFT rows: conversations become token ids and labels, cut at the length limit, with what was lost counted."""

from __future__ import annotations

from array import array

from attrs import define

from stagerun import Artifact, StageError
from stagerun_stages.train.chat import BadConversation, Chat
from stagerun_stages.train.rows import Row, read_rows, row_name

IGNORED = -100  # torch's cross entropy skips this label


@define
class Conversations:
    """Rows ready for training, and how many lost part or all of what the assistant says to the length limit."""

    rows: list[dict[str, array[int]]]  # as machine integers: a list would take ten times the memory
    cut: int = 0
    dropped: int = 0


def read_conversations(data: Artifact, chat: Chat, max_length: int, *, assistant_only: bool) -> Conversations:
    """Tokenise every row of `data`. Raises StageError for bad rows and when no answer survives the cut."""
    if assistant_only and chat.marked is None:
        raise StageError(
            "the model's chat template does not mark what the assistant says, so the loss cannot be kept to it",
            "put {% generation %} ... {% endgeneration %} around it in the template, or set assistant_only = false",
        )
    done = Conversations([])
    for index, row in enumerate(read_rows(data)):
        _add(done, _encode(row, chat, row_name(data, index), assistant_only=assistant_only), max_length)
    if not done.rows:
        raise StageError(
            f"max_length {max_length} cuts off the whole answer in each of the {done.dropped} rows of {data.source}",
            "raise max_length",
        )
    return done


def _encode(row: Row, chat: Chat, name: str, *, assistant_only: bool) -> tuple[list[int], list[int]]:
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise StageError(f'{name} has no "messages" list', "an SFT row is {messages: [...], tools: [...]}")
    try:
        if not assistant_only:
            ids = chat.ids(chat.text(messages, row.get("tools")))
            return ids, ids
        ids, mask = chat.masked(messages, row.get("tools"))
    except BadConversation as error:
        raise StageError(f"the chat template refuses {name}: {error}", "mend the row or drop it") from error
    if 1 not in mask:
        raise StageError(f"{name} has nothing an assistant says", "drop the row, or set assistant_only = false")
    return ids, [token if spoken else IGNORED for token, spoken in zip(ids, mask, strict=True)]


def _add(done: Conversations, encoded: tuple[list[int], list[int]], limit: int) -> None:
    ids, labels = encoded
    kept = {"input_ids": array("i", ids[:limit]), "labels": array("i", labels[:limit])}
    if all(label == IGNORED for label in kept["labels"]):
        done.dropped += 1
        return
    done.cut += any(label != IGNORED for label in labels[limit:])
    done.rows.append(kept)
