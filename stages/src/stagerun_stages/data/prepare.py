"""`data.prepare`: rows of any quality become rows that training can rely on. Options only; see preparing.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from attrs import frozen

from stagerun import Ctx, Need, Output, option


@frozen(kw_only=True)
class Source:
    """A named source, or a path to rows in the stage's own format; a name with a path reads the source's rows from there.

    A path is a file (JSON Lines, a JSON list, Parquet), a folder of them, or a data set saved with `save_to_disk`.
    """

    name: str = option("", about="what the rows are, such as glaive-v2; `stagerun plugins` lists the names")
    path: str = option("", about="where they lie, relative to the pipeline file; without it the hub")
    limit: int | None = option(None, about="rows taken at random; 0: all; unset: as many as the named source says")
    split: str = option("", about="which split, where there are several; without it the source's own, or train")
    revision: str = option("", about="which commit on the hub; without it the newest")
    licence: str = option("", about="of these rows, for the model card; without it what the dataset's card says")
    developer: str = option("", about="a text put before each conversation, and before its own system turn")
    chat: Mapping[str, Any] = option(
        factory=dict, about="passed to the chat template with each row, such as reasoning_effort"
    )

    @property
    def shown(self) -> str:
        """How messages call it."""
        return f"{self.name} ({self.path})" if self.name and self.path else self.name or self.path


def _sources(given: Sequence[str | Source]) -> tuple[Source, ...]:
    return tuple(Source(name=each) if isinstance(each, str) else each for each in given)


@frozen(kw_only=True)
class Prepare:
    """Reads sources, drops what is broken, double or asked in an evaluation and says why, shuffles, splits off validation."""

    needs: ClassVar[Mapping[str, Need]] = {
        "sources": Need(
            "dataset", optional=True, many=True, about="earlier stages' rows; they come before with.sources"
        ),
        "against": Need(
            "dataset", optional=True, many=True, about="evaluation questions; rows that hold one of them are dropped"
        ),
    }
    produces: ClassVar[Mapping[str, Output]] = {
        "train": Output("dataset", "train.jsonl"),
        "validation": Output("dataset", "validation.jsonl", about="rows that are not in train, nor anything like them"),
        "heldout": Output("dataset", "heldout.jsonl", about="validation rows as questions with what is expected"),
        "report": Output("report", "report.json", about="what was read, kept, put right and dropped, with examples"),
    }
    metrics: ClassVar[tuple[str, ...]] = (
        "read",
        "dropped",
        "duplicates",
        "near_duplicates",
        "contaminated",
        "repaired",
        "train_rows",
        "validation_rows",
        "heldout_rows",
    )
    version: ClassVar[str] = "2"

    format: Literal["messages", "preference", "tasks"] = option(
        "messages", about="messages (and tools); prompt, chosen and rejected; or messages with a task for the judge"
    )
    sources: tuple[Source, ...] = option((), converter=_sources, about="names of sources, or tables as below")
    validation_sources: tuple[Source, ...] = option(
        (), converter=_sources, about="sources whose rows are the validation rows, in place of a share of the others"
    )
    limit: int = option(0, about="rows kept of all sources together, at random, but for validation_sources; 0: all")
    longest: int = option(1_000_000, about="characters of a row as JSON; a longer one is dropped")
    near_duplicates: float = option(
        0.85, about="a row with this share of its wording in common with one before it is dropped; 0: none is"
    )
    validation: float = option(0.05, about="share of the rows kept out of train; from 1 on their number")
    heldout: int = option(200, about="questions made from the validation rows, at most")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        for place, source in self.placed():
            if not source.name and not source.path:
                yield f"{place} has neither a name nor a path"
            if source.limit is not None and source.limit < 0:
                yield f"limit of {source.shown} is {source.limit}; it must not be negative"
            if source.path and source.revision:
                yield f"revision of {source.shown} is of no use with a path; it is a commit on the hub"
        for name in ("limit", "longest", "validation", "heldout"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}; it must not be negative"
        if self.validation > 1 and self.validation != int(self.validation):
            yield f"validation is {self.validation}; below 1 it is a share, from 1 on a whole number of rows"
        if self.near_duplicates and not 0.5 <= self.near_duplicates <= 1:
            yield f"near_duplicates is {self.near_duplicates}; it must be 0, or from 0.5 to 1"

    def reads(self) -> Iterable[str]:
        """The files outside the graph, for the fingerprint."""
        return tuple(source.path for _, source in self.placed() if source.path)

    def plugins(self) -> Iterator[tuple[str, str, str]]:
        """The named sources."""
        for place, source in self.placed():
            if source.name:
                yield "sources", source.name, place

    def placed(self) -> Iterator[tuple[str, Source]]:
        """Every source, with the option that says it."""
        for name, given in (("sources", self.sources), ("validation_sources", self.validation_sources)):
            yield from ((f"{name}.{place}", source) for place, source in enumerate(given))

    def suits(self, plugins: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
        """Sources that cannot be what is wanted, by their format or by the first rows of their files."""
        from stagerun_stages.data.suiting import misfits

        yield from misfits(self, plugins, folder)

    def run(self, ctx: Ctx) -> None:
        """Write the three files and the report."""
        from stagerun_stages.data.preparing import run

        run(self, ctx)
