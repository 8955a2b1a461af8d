"""Datasets are read from files, folders and saved datasets; a broken line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun import Artifact, StageError
from stagerun_stages.train.rows import read_rows, row_name


def given(path: Path) -> Artifact:
    return Artifact(kind="dataset", source="rows", digest="", path=path)


def test_a_folder_of_files_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"n": 2}\n')
    (tmp_path / "a.jsonl").write_text('{"n": 0}\n\n{"n": 1}\n')
    assert [row["n"] for row in read_rows(given(tmp_path))] == [0, 1, 2]


def test_a_saved_dataset_is_read(tmp_path: Path) -> None:
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    Dataset.from_list([{"n": 0}, {"n": 1}]).save_to_disk(str(tmp_path / "saved"))
    assert read_rows(given(tmp_path / "saved")) == [{"n": 0}, {"n": 1}]


def test_a_broken_line_is_named_with_its_file_and_number(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": 0}\n{"n":\n')
    with pytest.raises(StageError, match=r"a\.jsonl:2 is not JSON"):
        read_rows(given(tmp_path))


def test_a_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("[1]\n")
    with pytest.raises(StageError, match=r"a\.jsonl:1 is not a JSON object"):
        read_rows(given(tmp_path))


def test_no_rows_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n")
    with pytest.raises(StageError, match="rows has no rows"):
        read_rows(given(tmp_path))


def test_rows_are_counted_from_one(tmp_path: Path) -> None:
    assert row_name(given(tmp_path), 0) == "row 1 of rows"
