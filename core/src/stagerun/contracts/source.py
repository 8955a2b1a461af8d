"""The contract of a data source: a named dataset, and the small function that turns one of its rows into one that training reads.

A source *describes* and *converts*: where its rows lie on the hub, and what a row means. It opens no file and no connection, so
it is tested with a row in hand; reading, limits, counting and removing duplicates are the business of the stage that names it.

    @source(hub="org/questions", makes="messages")
    def questions(row: Row) -> Row:
        \"\"\"Questions and answers.\"\"\"
        if not row["answer"]:
            raise DropRow("no answer")
        return {"messages": [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["answer"]}]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

from attrs import define, frozen

Row = dict[str, Any]


class DropRow(Exception):
    """Raised by a source for a row that cannot be used. The text is the reason, without any of the row: reasons are counted."""


@frozen
class Part:
    """A piece of a dataset on the hub: a configuration and split, or the `file` of rows inside the repository.

    `file` is for repositories whose configurations are a Python script, which the datasets library no longer runs.
    """

    config: str | None = None
    split: str = "train"
    file: str = ""


def _one_group(row: Mapping[str, Any], part: str) -> str:  # noqa: ARG001 - a default of the contract
    return ""


@define(slots=False, eq=False)
class DataSource:
    """A function from row to row with what is needed to find its rows; made by the decorator `source`.

    `makes` is the format of its rows; `limit` the rows taken of each group unless the pipeline says otherwise (0: all); `group`
    gives a row's group from the row and the name of its split, configuration or file; `gated` says that the hub wants a token;
    `licence` is the dataset's, as its card names it (apache-2.0), empty when nobody said;
    `version` is part of the fingerprint: raise it when the same rows come out differently.
    """

    convert: Callable[[Row], Row]
    hub: str = ""
    makes: str = "messages"
    parts: tuple[Part, ...] = (Part(),)
    limit: int = 0
    group: Callable[[Mapping[str, Any], str], str] = _one_group
    gated: bool = False
    licence: str = ""
    version: str = "1"

    def __call__(self, row: Row) -> Row:
        """The row in the format `makes`; raises DropRow. Whatever else it raises drops the row too, named by its type."""
        return self.convert(row)


def source(hub: str = "", **facts: Any) -> Callable[[Callable[[Row], Row]], DataSource]:
    """Make a function a data source; `facts` are the other fields of DataSource."""

    def decorate(convert: Callable[[Row], Row]) -> DataSource:
        made = DataSource(convert, hub, **facts)
        update_wrapper(made, convert)  # its name and module are how a worker finds it again
        return made

    return decorate
