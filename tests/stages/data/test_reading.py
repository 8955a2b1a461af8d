"""Files of every kind are read one record at a time; what is broken in them is found with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun import StageError
from stagerun_stages.data import json_rows
from stagerun_stages.data.reading import Found, read

ROWS = [{"a": 1}, {"b": "zwölf 東"}, {"c": [None, {"d": 2}]}]


def found(path: Path, **more: Any) -> list[Found]:
    return list(read(path, path.name, **more))


def values(path: Path, **more: Any) -> list[Any]:
    return [each.value for each in found(path, **more) if not each.fault]


def faults(path: Path) -> list[tuple[str, str]]:
    return [(each.where, each.fault) for each in found(path) if each.fault]


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.ndjson", "a.txt", "a"])
def test_json_lines_are_read_whatever_the_ending(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + lines(*ROWS) + b"\n  \n")
    assert values(tmp_path / name) == ROWS


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_is_read_one_record_at_a_time(tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS, indent=indent))
    assert values(tmp_path / "a.json") == ROWS
    assert [each.where for each in found(tmp_path / "a.json")] == ["a.json:1", "a.json:2", "a.json:3"]


@given(
    st.lists(st.dictionaries(st.text(max_size=9), st.text(max_size=90) | st.integers(), max_size=4), max_size=9),
    st.integers(1, 40),
)
def test_a_json_list_may_be_cut_anywhere_by_the_pieces_it_is_read_in(rows: list[Any], chunk: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "CHUNK", chunk)
        path = Path(place) / "a.json"
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        assert values(path) == rows


def test_a_json_list_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ROWS)[:-8])
    assert values(tmp_path / "a.json") == ROWS[:2]
    assert faults(tmp_path / "a.json") == [("a.json:3", "broken JSON, and with it all that follows")]


def test_bytes_that_are_no_text_in_a_json_list_stay_recognisable(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"a": "\xff"}, {"a": "b"}]')
    first, second = values(tmp_path / "a.json")
    assert second == {"a": "b"}
    with pytest.raises(UnicodeEncodeError):
        first["a"].encode()


def test_a_compressed_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines(*ROWS)))
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps(ROWS).encode()))
    assert values(tmp_path / "a.jsonl.gz") == values(tmp_path / "b.json.gz") == ROWS


def test_parquet_is_read_without_the_nulls_of_other_rows(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    rows = [{"a": "x", "b": None}, {"a": None, "b": [{"c": 1, "d": None}, {"c": None, "d": 2}]}] * 50
    write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert values(tmp_path / "a.parquet")[-2:] == [{"a": "x"}, {"b": [{"c": 1}, {"d": 2}]}]
    assert found(tmp_path / "a.parquet")[99].where == "a.parquet:100"


def test_a_record_of_a_table_that_is_no_text_does_not_take_its_neighbours_with_it(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    raw = pa.array([b"good", b"\xff\xfe", b"fine"], pa.binary())
    table = pa.table({"a": pa.Array.from_buffers(pa.string(), 3, raw.buffers())})
    write_table(table, tmp_path / "a.parquet")
    assert values(tmp_path / "a.parquet") == [{"a": "good"}, {"a": "fine"}]
    assert faults(tmp_path / "a.parquet") == [("a.parquet:2", "not UTF-8")]


def test_broken_lines_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(ROWS[0]) + b'{"a": \n\xff\xfe\n{"a": NaN}\n' + b"[" * 100_000 + b"\n" + lines(ROWS[1]))
    assert values(path) == ROWS[:2]
    assert faults(path) == [
        ("a.jsonl:2", "broken JSON"),
        ("a.jsonl:3", "not UTF-8"),
        ("a.jsonl:4", "broken JSON"),
        ("a.jsonl:5", "broken JSON"),
    ]


def test_a_line_beyond_all_measure_is_passed_over_and_the_next_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(json_rows, "LONGEST", 1 << 20)
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines({"a": "x" * (3 << 20)}, {"a": "x" * 2**19}, ROWS[0]))
    assert [each["a"][:1] if isinstance(each["a"], str) else each["a"] for each in values(path)] == ["x", 1]
    assert faults(path) == [("a.jsonl:1", "a line of more than 1 MiB")]


def test_a_folder_is_read_file_by_file_without_what_the_hub_leaves_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    (folder / ".cache").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "dataset_infos.json").write_text("{}")
    (folder / ".cache/x.json").write_text("{}")
    (folder / "README.md").write_text("# rows")
    (folder / "data/train-00000-of-00002.jsonl").write_bytes(lines(ROWS[0]))
    (folder / "data/train-00001-of-00002.jsonl").write_bytes(lines(ROWS[1]))
    told = [(each.where, each.part) for each in found(folder)]
    assert told == [
        ("rows/data/train-00000-of-00002.jsonl:1", "train"),
        ("rows/data/train-00001-of-00002.jsonl:1", "train"),
    ]


def test_of_a_folder_the_files_that_a_source_names_are_enough(tmp_path: Path) -> None:
    for name in ("go", "rust", "perl"):
        (tmp_path / f"{name}.jsonl").write_bytes(lines({"lang": name}))
    assert values(tmp_path, files=["rust.jsonl", "go.jsonl"]) == [{"lang": "rust"}, {"lang": "go"}]
    assert len(values(tmp_path, files=["rust.jsonl", "java.jsonl"])) == 3


def test_every_split_that_is_asked_for_is_read_from_a_saved_data_set(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    splits = {
        name: Dataset.from_list([{"a": name, "n": at} for at in range(40)]) for name in ("codeact", "general", "x")
    }
    DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))
    told = found(tmp_path / "saved", splits=("codeact", "general"))
    assert [(each.part, each.value["n"]) for each in told] == [
        (name, at) for name in ("codeact", "general") for at in range(40)
    ]
    with pytest.raises(StageError, match='has no split "train"; it has codeact, general, x'):
        found(tmp_path / "saved")


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("a.parquet", b"no parquet at all"),
        ("a.jsonl.gz", b"no gzip at all"),
        ("b.jsonl.gz", gzip.compress(lines(*ROWS) * 1000)[:200]),
        ("c.jsonl.gz", gzip.compress(lines(*ROWS) * 1000)[:100] + b"\0" * 100),
    ],
)
def test_a_file_that_is_not_whole_is_named(tmp_path: Path, name: str, contents: bytes) -> None:
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(StageError, match=rf"{name} cannot be read: .*copy or download it again"):
        found(tmp_path / name)
