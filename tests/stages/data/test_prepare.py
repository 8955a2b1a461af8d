"""`data.prepare`: what comes out of good, bad and strange sources."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError
from stagerun.testing import StageRun, dataset, run_stage
from stagerun_stages.data.prepare import Prepare, Source


def row(number: int) -> dict[str, Any]:
    said = [{"role": "user", "content": f"say {number}"}, {"role": "assistant", "content": str(number)}]
    return {"messages": said}


def source(path: Path, rows: Iterable[Any], **more: Any) -> Source:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return Source(path=str(path), **more)


def prepare(tmp_path: Path, *sources: Source, seed: int = 0, **options: Any) -> StageRun:
    return run_stage(Prepare(sources=sources, **options), tmp_path / f"run{len(list(tmp_path.iterdir()))}", seed=seed)


def lines(done: StageRun, output: str) -> list[Any]:
    return [json.loads(line) for line in done.outputs[output].local().read_text(encoding="utf-8").splitlines()]


def report(done: StageRun) -> Any:
    return json.loads(done.outputs["report"].local().read_text(encoding="utf-8"))


def test_every_row_is_in_train_or_in_validation_and_never_in_both(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(100))), validation=0.1)
    train, kept_out = lines(done, "train"), lines(done, "validation")
    assert (len(train), len(kept_out)) == (90, 10)
    assert sorted(map(json.dumps, train + kept_out)) == sorted(json.dumps(row(number)) for number in range(100))


def test_the_same_seed_gives_the_same_bytes_and_another_another_order(tmp_path: Path) -> None:
    rows = source(tmp_path / "a.jsonl", map(row, range(50)))
    first, again = prepare(tmp_path, rows, seed=1), prepare(tmp_path, rows, seed=1)
    other = prepare(tmp_path, rows, seed=2)
    assert {name: made.digest for name, made in first.outputs.items()} == {
        name: made.digest for name, made in again.outputs.items()
    }
    assert first.outputs["train"].digest != other.outputs["train"].digest


def test_a_file_for_validation_is_the_validation_and_no_share_of_the_other(tmp_path: Path) -> None:
    theirs = source(tmp_path / "held.jsonl", map(row, range(100, 110)))
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(40))), validation_sources=(theirs,))
    train, kept_out = lines(done, "train"), lines(done, "validation")
    assert sorted(map(json.dumps, kept_out)) == sorted(json.dumps(row(number)) for number in range(100, 110))
    assert sorted(map(json.dumps, train)) == sorted(json.dumps(row(number)) for number in range(40))
    assert len(lines(done, "heldout")) == 10


def test_what_is_in_both_files_or_asks_the_same_is_measured_with_and_not_trained_on(tmp_path: Path) -> None:
    theirs = source(tmp_path / "held.jsonl", map(row, range(5)))
    other = {"messages": [{"role": "user", "content": "say 1"}, {"role": "assistant", "content": "one"}]}
    mine = source(tmp_path / "a.jsonl", [row(0), other, *map(row, range(10, 20))])
    done = prepare(tmp_path, mine, validation_sources=(theirs,))
    assert sorted(map(json.dumps, lines(done, "train"))) == sorted(json.dumps(row(at)) for at in range(10, 20))
    assert (done.metrics["duplicates"], done.metrics["contaminated"]) == (1, 1)


def test_a_limit_is_of_the_rows_to_train_on_where_the_validation_has_a_file_of_its_own(tmp_path: Path) -> None:
    theirs = source(tmp_path / "held.jsonl", map(row, range(5)))
    mine = source(tmp_path / "a.jsonl", map(row, range(10, 40)))
    done = prepare(tmp_path, mine, validation_sources=(theirs,), limit=8)
    assert (done.metrics["train_rows"], done.metrics["validation_rows"]) == (8, 5)


def test_the_rows_of_all_sources_are_mixed(tmp_path: Path) -> None:
    few, many = (
        source(tmp_path / "a.jsonl", map(row, range(20))),
        source(tmp_path / "b.jsonl", map(row, range(100, 180))),
    )
    train = lines(prepare(tmp_path, few, many, validation=0), "train")
    places = [place for place, each in enumerate(train) if int(each["messages"][1]["content"]) < 100]
    assert min(places) < 20
    assert max(places) > 80


def test_rows_that_are_there_twice_are_kept_once_also_across_sources(tmp_path: Path) -> None:
    first = source(tmp_path / "a.jsonl", [row(1), row(2), row(1)])
    second = source(tmp_path / "b.jsonl", [row(2), row(3)])
    done = prepare(tmp_path, first, second, validation=0)
    assert len(lines(done, "train")) == 3
    assert done.metrics["duplicates"] == 2
    assert done.metrics["dropped"] == 0


def test_broken_rows_are_dropped_and_counted_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = "".join(json.dumps(row(number)) + "\n" for number in range(20))
    path.write_bytes(
        good.encode() + b'{"messages": \n\n[1, 2]\n\xff\xfe\n{"messages": []}\n{"messages": [], "a": NaN}\n'
    )
    done = prepare(tmp_path, Source(path=str(path)))
    assert done.metrics["dropped"] == 5
    dropped = {
        each["reason"]: (each["rows"], each["examples"][0]["where"]) for each in report(done)["sources"][0]["dropped"]
    }
    assert dropped == {
        "broken JSON": (2, f"{path}:21"),
        "not a JSON object": (1, f"{path}:23"),
        "not UTF-8": (1, f"{path}:24"),
        "empty messages": (1, f"{path}:25"),
    }


def test_at_most_three_examples_of_a_reason_are_kept(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", [*map(row, range(20)), *([{}] * 9)]))
    [dropped] = report(done)["sources"][0]["dropped"]
    assert (dropped["rows"], len(dropped["examples"])) == (9, 3)


def test_text_that_no_file_could_hold_is_dropped(tmp_path: Path) -> None:
    half = {"messages": [{"role": "user", "content": "\ud83d"}, {"role": "assistant", "content": "x"}]}
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", [row(1), row(2), half]))
    assert [each["reason"] for each in report(done)["sources"][0]["dropped"]] == ["half a character"]


def test_json_nested_without_end_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row(1)) + "\n" + json.dumps(row(2)) + "\n" + "[" * 100_000 + "\n", encoding="utf-8")
    assert prepare(tmp_path, Source(path=str(path))).metrics["dropped"] == 1


def test_a_source_with_many_broken_rows_is_told(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", [*map(row, range(4)), {}, {}]))
    [warning] = done.kinds("stage.warning")
    assert "2 of 6 rows of" in warning["text"]
    assert 'no "messages"' in warning["text"]


def test_a_source_that_gives_nothing_fails_and_names_the_commonest_reason(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r'gave no row: 2 of 3 were dropped for: no "messages" \(.*a\.jsonl:1\)'):
        prepare(tmp_path, source(tmp_path / "a.jsonl", [{}, {}, []]))


def test_an_empty_source_fails(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="is empty"):
        prepare(tmp_path, source(tmp_path / "a.jsonl", []))


def test_no_source_at_all_fails(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing to prepare"):
        prepare(tmp_path)


def test_a_limit_takes_a_sample_and_not_the_beginning(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(1000)), limit=50), validation=0)
    numbers = [int(each["messages"][1]["content"]) for each in lines(done, "train")]
    assert len(numbers) == 50
    assert max(numbers) > 500


def test_a_limit_larger_than_the_source_takes_all_of_it(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(5)), limit=50), validation=0)
    assert done.metrics["train_rows"] == 5


def test_the_limit_of_the_stage_counts_all_sources_together(tmp_path: Path) -> None:
    sources = [
        source(tmp_path / f"{name}.jsonl", (row(number + shift) for number in range(30)))
        for name, shift in (("a", 0), ("b", 90))
    ]
    done = prepare(tmp_path, *sources, limit=20, validation=4)
    assert (done.metrics["train_rows"], done.metrics["validation_rows"]) == (16, 4)


def test_validation_that_leaves_nothing_to_train_on_fails(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="validation takes 5 of 5 rows"):
        prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(5))), validation=5)


def test_a_small_share_still_keeps_one_row_out(tmp_path: Path) -> None:
    done = prepare(tmp_path, source(tmp_path / "a.jsonl", map(row, range(5))), validation=0.01)
    assert done.metrics["validation_rows"] == 1


def test_upstream_datasets_and_files_are_taken_together(tmp_path: Path) -> None:
    upstream = dataset(tmp_path / "up.jsonl", map(row, range(3)))
    stage = Prepare(sources=(source(tmp_path / "a.jsonl", map(row, range(3, 6))),), validation=0)
    done = run_stage(stage, tmp_path / "run", many={"sources": (upstream,)})
    names = ["up.jsonl", str(tmp_path / "a.jsonl")]
    assert [each["source"] for each in report(done)["sources"]] == names
    told = [{"name": name, "rows": 3, "revision": "", "licence": ""} for name in names]
    assert done.outputs["train"].meta["sources"] == told
    assert done.metrics["train_rows"] == 6


def test_a_folder_of_files_is_one_source(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    source(folder / "a.jsonl", map(row, range(3)))
    source(folder / "b.jsonl", [*map(row, range(3, 6)), {}])
    done = prepare(tmp_path, Source(path=str(folder)), validation=0)
    [told] = report(done)["sources"]
    assert (told["kept"], told["dropped"][0]["examples"][0]["where"]) == (6, f"{folder}/b.jsonl:4")


def test_a_saved_dataset_is_read_without_the_nulls_that_arrow_adds(tmp_path: Path) -> None:
    from datasets import Dataset

    call = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "find", "arguments": {"text": "it"}}}],
    }
    other = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "read", "arguments": {"line": 4}}}],
    }
    asked = {"role": "user", "content": "go"}
    rows = [{"messages": [asked, call]}, {"messages": [asked, other]}, {"messages": None}]
    Dataset.from_list(rows).save_to_disk(str(tmp_path / "saved"))
    done = prepare(tmp_path, Source(path=str(tmp_path / "saved")), validation=0)
    found = [each["messages"][1]["tool_calls"][0]["function"]["arguments"] for each in lines(done, "train")]
    assert sorted(found, key=str) == [{"line": 4}, {"text": "it"}]
    assert done.metrics["dropped"] == 1


def test_a_split_of_a_saved_dataset_is_named(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    DatasetDict(test=Dataset.from_list([row(1), row(2)])).save_to_disk(str(tmp_path / "saved"))
    assert (
        prepare(tmp_path, Source(path=str(tmp_path / "saved"), split="test"), validation=0).metrics["train_rows"] == 2
    )
    with pytest.raises(StageError, match='has no split "train"; it has test'):
        prepare(tmp_path, Source(path=str(tmp_path / "saved")))


def test_a_path_that_is_no_source_fails(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="there is no file"):
        prepare(tmp_path, Source(path=str(tmp_path / "none.jsonl")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(StageError, match=r"has no \.jsonl, \.json, "):
        prepare(tmp_path, Source(path=str(tmp_path / "empty")))


def test_files_are_part_of_what_the_stage_reads(tmp_path: Path) -> None:
    stage = Prepare(sources=(Source(path="data/a.jsonl"), Source(path="data/b.jsonl", limit=3)))
    assert stage.reads() == ("data/a.jsonl", "data/b.jsonl")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"limit": -1}, "limit is -1"),
        ({"validation": -0.5}, "validation is -0.5"),
        ({"validation": 2.5}, "below 1 it is a share"),
        ({"heldout": -1}, "heldout is -1"),
        ({"sources": (Source(path="a", limit=-2),)}, "limit of a is -2"),
    ],
)
def test_impossible_options_are_found_while_planning(options: dict[str, Any], complaint: str) -> None:
    assert any(complaint in text for text in Prepare(**options).check())


def test_preparing_never_loads_torch(tmp_path: Path) -> None:
    rows = source(tmp_path / "a.jsonl", map(row, range(4)))
    program = f"""
import sys
from pathlib import Path
from stagerun.testing import run_stage
from stagerun_stages.data.prepare import Prepare, Source
run_stage(Prepare(sources=(Source(path={rows.path!r}),)), Path({str(tmp_path / "run")!r}))
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
