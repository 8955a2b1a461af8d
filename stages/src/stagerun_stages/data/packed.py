"""The file of packed rows: Parquet, with the tokens, their labels and where each document ends, and how it was made.

A row is `input_ids`, `labels` (the tokens that are learned, -100 elsewhere) and `seq_lengths` (of its documents, in order): the
columns that TRL's trainers and packers use. Tokens mean nothing without their vocabulary, so the file's metadata holds
what a training must agree with. The same rows give the same bytes.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from stagerun import Artifact, StageError

COLUMNS = ("input_ids", "labels", "seq_lengths")
KEY = b"stagerun.packed"
GROUP = 64  # rows written at once

Columns = dict[str, "array[int]"]


@frozen
class Made:
    """How rows were packed. `vocabulary` and `template` are digests, see chat.py; `length` is in tokens."""

    length: int
    assistant_only: bool
    vocabulary: str
    template: str


def join(documents: Sequence[Columns]) -> Columns:
    """One row of several documents."""
    row: Columns = {name: array("i") for name in COLUMNS}
    for document in documents:
        row["input_ids"].extend(document["input_ids"])
        row["labels"].extend(document["labels"])
        row["seq_lengths"].append(len(document["input_ids"]))
    return row


def write_packed(path: Path, rows: Iterable[Columns], made: Made) -> None:
    """Write the file."""
    import pyarrow as pa
    from pyarrow import parquet

    fields = [(name, pa.list_(pa.int32())) for name in COLUMNS]
    schema = pa.schema(fields, metadata={KEY: json.dumps(attrs.asdict(made)).encode()})
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = {name: [_numbers(row[name]) for row in group] for name in COLUMNS}
            writer.write_table(pa.table(columns, schema=schema))


def made_of(data: Artifact) -> Made | None:
    """How a dataset was packed; None when it is no file of packed rows."""
    if data.path is None or data.path.suffix != ".parquet" or not data.path.is_file():
        return None
    import pyarrow as pa
    from pyarrow import parquet

    try:
        metadata = parquet.read_schema(data.path).metadata or {}
        return Made(**json.loads(metadata[KEY])) if KEY in metadata else None
    except (pa.ArrowInvalid, ValueError, TypeError) as error:
        raise StageError(f"{data.source} cannot be read: {error}".splitlines()[0], "pack the rows again") from error


def read_packed(data: Artifact) -> list[Columns]:
    """Every row of a file that `made_of` knows."""
    from pyarrow import parquet

    table = parquet.read_table(data.local(), columns=list(COLUMNS))
    columns = [list(_arrays(table[name])) for name in COLUMNS]
    return [dict(zip(COLUMNS, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _groups(rows: Iterable[Columns]) -> Iterator[list[Columns]]:
    group: list[Columns] = []
    for row in rows:
        group.append(row)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def _numbers(values: array[int]) -> Any:
    import numpy as np

    return np.frombuffer(values, dtype=np.int32)


def _arrays(column: Any) -> Iterator[array[int]]:
    for chunk in column.chunks:
        offsets, values = chunk.offsets.to_numpy(), chunk.values.to_numpy()
        for start, end in pairwise(offsets.tolist()):
            yield array("i", values[start:end].tobytes())
