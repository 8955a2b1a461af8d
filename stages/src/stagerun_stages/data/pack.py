"""`data.pack`: conversations become rows of tokens of one length, each filled with whole conversations. See packer.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from attrs import frozen

from stagerun import Ctx, Need, Output, option
from stagerun_stages.train import templates


@frozen(kw_only=True)
class Pack:
    """Packs conversations for `train.sft` into as few rows of `length` tokens as can be, without losing a token."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(
            ("model", "adapter"), about="what is to be trained; only its tokenizer and chat template are read"
        ),
        "train": Need("dataset", about="rows with messages and, if any, tools"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"packed": Output("dataset", "packed.parquet", about="rows of tokens")}
    metrics: ClassVar[tuple[str, ...]] = (
        "rows",
        "minimum_rows",
        "bound_rows",
        "excess",
        "fill",
        "documents",
        "documents_split",
        "tokens",
        "tokens_learned",
        "tokens_left_out",
        "rows_cut",
        "share_cut",
    )

    length: int = option(about="tokens in a row; not above max_length of the training")
    split: Literal["never", "turns"] = option(
        "never", about="a conversation longer than a row: left out and counted, or split where an answer ends"
    )
    max_cut: float = option(0.1, about="largest share of conversations that may lose something", affects_result=False)
    assistant_only: bool = option(True, about="loss on the assistant's tokens only")
    turn_by_turn: bool = option(
        True, about="an answer whose thoughts the chat template drops once another follows becomes a row by itself"
    )
    chat: Mapping[str, Any] = option(factory=dict, about="passed to the chat template; the same as in the training")
    chat_template: str = option("", about="the name of one, or a .jinja file; the same as in the training")
    date: str = option("2025-08-01", about="the day a chat template that prints the date is told; the same as there")

    def reads(self) -> Iterator[str]:
        """The chat template, where it is a file."""
        if self.chat_template.endswith(templates.ENDING):
            yield self.chat_template

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        yield from templates.complaints(self.chat_template)
        if self.length < 1:
            yield f"length is {self.length}; it must be at least 1"
        if not 0 <= self.max_cut <= 1:
            yield f"max_cut is {self.max_cut}; it must be between 0 and 1"
        if self.split == "turns" and not self.assistant_only:
            yield 'split = "turns" needs assistant_only: without it nothing says where a turn ends'

    def run(self, ctx: Ctx) -> None:
        """Write `packed.parquet`."""
        from stagerun_stages.data.packer import run

        run(self, ctx)
