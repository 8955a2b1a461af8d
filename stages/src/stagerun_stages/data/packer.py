"""Runs `data.pack`: tokenise, split or leave out what is too long, pack, write. Needs transformers, not torch's trainers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field

from stagerun import Ctx, Interrupted, StageError
from stagerun_stages.data.packed import Columns, Made, join, write_packed
from stagerun_stages.data.packing import fewest, pack
from stagerun_stages.data.turns import split
from stagerun_stages.models.loading import quiet, tokenizer_of
from stagerun_stages.train.chat import chat_for
from stagerun_stages.train.encoding import IGNORED, OMITTED, Encoded, Encoder
from stagerun_stages.train.processes import usable
from stagerun_stages.train.rows import each_row, row_name
from stagerun_stages.train.templates import check_markers
from stagerun_stages.train.truncation import Kept, prove_kept

if TYPE_CHECKING:
    from stagerun_stages.data.pack import Pack

TOLD_EVERY = 1000  # conversations
LOST = "of the conversations longer than a row {cut} lost a part and {dropped} are left out"


@define
class Documents:
    """What is packed, and what became of the conversations it was made from."""

    found: list[Columns] = field(factory=list)
    kept: Kept = field(factory=Kept)
    split: int = 0
    omitted: int = 0
    tokens_left_out: int = 0


def run(options: Pack, ctx: Ctx) -> None:
    """Pack as `options` say; see Pack."""
    quiet()
    tokenizer = tokenizer_of(ctx.inputs["model"])
    chat = chat_for(tokenizer, options.chat, options.date, options.chat_template)
    check_markers(chat)
    documents = _read(ctx, options, Encoder(chat, options.assistant_only, options.turn_by_turn))
    if not documents.found:
        raise StageError(
            f"every conversation is longer than {options.length} tokens", 'raise length, or set split = "turns"'
        )
    if documents.omitted:
        ctx.warn(OMITTED.format(documents.omitted))
    prove_kept(ctx, documents.kept, options.max_cut, LOST)
    rows = list(packed(documents.found, options.length, ctx.seed))
    made = Made(options.length, options.assistant_only, chat.vocabulary, chat.digest)
    write_packed(ctx.out / "packed.parquet", rows, made)
    ctx.describe("packed", sources=ctx.inputs["train"].meta.get("sources", []))
    _tell(ctx, options, documents, rows)


def packed(documents: Sequence[Columns], length: int, seed: int) -> Iterator[Columns]:
    """Rows of documents, both in an order drawn by `seed`."""
    random = Random(f"{seed}:pack")
    places = pack([len(each["input_ids"]) for each in documents], length, random)
    random.shuffle(places)
    for row in places:
        random.shuffle(row)
        yield join([documents[place] for place in row])


def _read(ctx: Ctx, options: Pack, encoder: Encoder) -> Documents:
    done, data = Documents(), ctx.inputs["train"]
    for told in encoder.encode(each_row(data), partial(row_name, data), usable(ctx.backend.policy().threads)):
        _add(done, told, options)
        if done.kept.read % TOLD_EVERY == 0:
            ctx.progress(done.kept.read)
            if ctx.stop_requested:
                raise Interrupted("asked to stop while turning rows into tokens")
    return done


def _add(done: Documents, told: Encoded, options: Pack) -> None:
    done.kept.read += 1
    done.omitted += told.omitted
    pieces = (
        [told] if len(told.ids) <= options.length else split(told, options.length) if options.split == "turns" else []
    )
    left_out = len(told.ids) - sum(len(piece.ids) for piece in pieces)
    done.tokens_left_out += left_out
    done.split += len(pieces) > 1
    done.kept.dropped += not pieces
    done.kept.cut += bool(pieces and left_out)
    done.found += [{"input_ids": piece.ids, "labels": piece.labels} for piece in pieces]


def _tell(ctx: Ctx, options: Pack, documents: Documents, rows: Sequence[Columns]) -> None:
    """Metrics, and the proof that every token is in a row that is no longer than it may be."""
    lengths = [len(each["input_ids"]) for each in documents.found]
    tokens, minimum = sum(lengths), -(-sum(lengths) // options.length)
    written = sum(len(row["input_ids"]) for row in rows)
    longest = max(len(row["input_ids"]) for row in rows)
    whole = written == tokens and longest <= options.length
    ctx.prove("packing", whole, tokens=tokens, tokens_packed=written, longest=longest, length=options.length)
    ctx.result(
        rows=len(rows),
        minimum_rows=minimum,
        bound_rows=fewest(lengths, options.length),
        excess=len(rows) / minimum,
        fill=tokens / (len(rows) * options.length),
        documents=len(lengths),
        documents_split=documents.split,
        tokens=tokens,
        tokens_learned=sum(len(row["labels"]) - row["labels"].count(IGNORED) for row in rows),
        tokens_left_out=documents.tokens_left_out,
    )
