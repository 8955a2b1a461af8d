"""Reads records of tables: Parquet files, and what else Arrow holds, without the nulls that it adds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stagerun_stages.data.json_rows import Numbered

BATCH = 32  # records taken at once


def parquet(file: Path) -> Iterator[Numbered]:
    """Each record's number and value, or what is wrong with it."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(file) as table:
        number = 0
        for batch in table.iter_batches(batch_size=BATCH):
            for value, fault in records(batch):
                number += 1
                yield number, value, fault


def records(batch: Any) -> Iterator[tuple[Any, str]]:
    """The records of a table's piece; one whose text is not UTF-8 does not take the others with it."""
    try:
        yield from ((without_nulls(row), "") for row in batch.to_pylist())
    except UnicodeDecodeError:
        for place in range(len(batch)):
            try:
                yield without_nulls(batch.slice(place, 1).to_pylist()[0]), ""
            except UnicodeDecodeError:
                yield "", "not UTF-8"


def without_nulls(value: Any) -> Any:
    """Arrow gives every record the keys of all the others, as nulls; they were not in the row that was saved."""
    if isinstance(value, Mapping):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value
