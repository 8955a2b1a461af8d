"""The rows that `train.sft` trains on: conversations, packed here if asked for, or packed by `data.pack` before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stagerun import Artifact, StageError
from stagerun_stages.data.packed import Columns, Made, read_packed
from stagerun_stages.data.packer import packed
from stagerun_stages.train.chat import Chat
from stagerun_stages.train.conversations import Conversations, read_conversations
from stagerun_stages.train.encoding import OMITTED
from stagerun_stages.train.processes import usable
from stagerun_stages.train.session import Session
from stagerun_stages.train.truncation import Kept, prove_kept

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

LOST = "max_length cuts {cut} answers short and leaves nothing of {dropped} others"


def training_rows(session: Session, options: Sft, made: Made | None) -> list[Columns]:
    """What is trained on; `made` says how the input was packed, if it was. Proves what the length limit took."""
    data = session.ctx.inputs["train"]
    if made is not None:
        check_agrees(made, data, options, session.chat)
        rows = read_packed(data)
        prove_kept(session.ctx, Kept(len(rows)), options.max_cut, LOST)  # what packing left out, data.pack has told
    else:
        told = conversations(session, options, data)
        if told.omitted:
            session.ctx.warn(OMITTED.format(told.omitted))
        prove_kept(session.ctx, Kept(len(told.rows) + told.dropped, told.cut, told.dropped), options.max_cut, LOST)
        rows = list(packed(told.rows, options.max_length, session.ctx.seed)) if options.packing else told.rows
    session.ctx.result(rows=len(rows))
    return rows


def conversations(session: Session, options: Sft, data: Artifact) -> Conversations:
    """Rows of messages as tokens and labels."""
    return read_conversations(
        data,
        session.chat,
        options.max_length,
        assistant_only=options.assistant_only,
        turn_by_turn=options.turn_by_turn,
        completion_only=options.completion_only,
        processes=usable(session.policy.threads),
    )


def check_agrees(made: Made, data: Artifact, options: Sft, chat: Chat) -> None:
    """Raises StageError when rows were packed for another training than this one."""
    if made.length > options.max_length:
        raise StageError(
            f"{data.source} has rows of {made.length} tokens, and max_length is {options.max_length}",
            "set max_length to that, or pack to a smaller length",
        )
    if made.vocabulary != chat.vocabulary:
        raise StageError(
            f"{data.source} was packed with another tokenizer than this model's", "give data.pack the same model"
        )
    if made.template != chat.digest:
        raise StageError(
            f"{data.source} was packed with another chat template, or with other chat or date options",
            "give data.pack the model, chat and date that are given here",
        )
    if options.completion_only:
        raise StageError(
            f"{data.source} is packed, and what is learned of it was settled then",
            "set completion_only = false, or give the rows of messages and packing = true",
        )
    if made.assistant_only != options.assistant_only:
        said = str(made.assistant_only).lower()
        raise StageError(
            f"{data.source} was packed with assistant_only = {said}", "say the same here, or pack it again"
        )
