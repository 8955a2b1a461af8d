"""`data.prepare`: files of conversations, preferences or tasks become training rows. Options only; see preparing.py.

Not covered: other formats than the three, such as ShareGPT or a hub's own columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from attrs import frozen

from stagerun import Ctx, Need, Output, option


@frozen(kw_only=True)
class Source:
    """A JSONL file, a folder of them, or a folder written by `save_to_disk` of the datasets library."""

    path: str = option(about="relative to the pipeline file")
    limit: int = option(0, about="rows taken at random; 0: all")
    split: str = option("train", about="which split of a saved dataset that has several")


@frozen(kw_only=True)
class Prepare:
    """Reads sources, drops what is broken or double and says why, shuffles, and splits off validation rows."""

    needs: ClassVar[Mapping[str, Need]] = {
        "sources": Need(
            "dataset", optional=True, many=True, about="earlier stages' rows; they come before with.sources"
        ),
    }
    produces: ClassVar[Mapping[str, Output]] = {
        "train": Output("dataset", "train.jsonl"),
        "validation": Output("dataset", "validation.jsonl", about="rows that are not in train"),
        "heldout": Output("dataset", "heldout.jsonl", about="validation rows as questions with what is expected"),
        "report": Output("report", "report.json", about="what was read, kept and dropped, with examples"),
    }
    metrics: ClassVar[tuple[str, ...]] = (
        "read",
        "dropped",
        "duplicates",
        "train_rows",
        "validation_rows",
        "heldout_rows",
    )

    format: Literal["messages", "preference", "tasks"] = option(
        "messages", about="messages (and tools); prompt, chosen and rejected; or messages with a task for the judge"
    )
    sources: tuple[Source, ...] = option((), about="files outside the graph")
    limit: int = option(0, about="rows kept of all sources together, at random; 0: all")
    validation: float = option(0.05, about="share of the rows kept out of train; from 1 on their number")
    heldout: int = option(200, about="questions made from the validation rows, at most")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        for source in self.sources:
            if source.limit < 0:
                yield f"limit of {source.path} is {source.limit}; it must not be negative"
        for name in ("limit", "validation", "heldout"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}; it must not be negative"
        if self.validation > 1 and self.validation != int(self.validation):
            yield f"validation is {self.validation}; below 1 it is a share, from 1 on a whole number of rows"

    def reads(self) -> Iterable[str]:
        """The files outside the graph, for the fingerprint."""
        return tuple(source.path for source in self.sources)

    def run(self, ctx: Ctx) -> None:
        """Write the three files and the report."""
        from stagerun_stages.data.preparing import run

        run(self, ctx)
