"""`data.pack`: whole conversations in full rows, with nothing lost that was not asked to go, the same bytes each time."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun import Artifact, StageError
from stagerun.testing import StageRun, run_stage
from stagerun_stages.data.pack import Pack
from stagerun_stages.data.packed import made_of, read_packed
from stagerun_stages.data.turns import split
from stagerun_stages.train.encoding import IGNORED, Encoded


def talk(*answers: str) -> dict[str, Any]:
    turns = [[{"role": "user", "content": "?"}, {"role": "assistant", "content": answer}] for answer in answers]
    return {"messages": [message for turn in turns for message in turn]}


@pytest.fixture
def packed(model: Any, data: Callable[..., Artifact], tmp_path: Path) -> Callable[..., StageRun]:
    """`packed(rows, length=90)`: the stage run over these rows."""

    def run(rows: list[dict[str, Any]], name: str = "run", seed: int = 0, **options: Any) -> StageRun:
        inputs = {"model": model("llama"), "train": data(rows)}
        return run_stage(Pack(**options), tmp_path / name, inputs, seed=seed)

    return run


def texts(done: StageRun, tokenizer: Any) -> list[str]:
    """Every document of every row, decoded."""
    found = []
    for row in read_packed(done.outputs["packed"]):
        start = 0
        for length in row["seq_lengths"]:
            found.append(tokenizer.decode(row["input_ids"][start : start + length]))
            start += length
        assert start == len(row["input_ids"]) == len(row["labels"])
    return found


def test_every_conversation_is_in_a_row_whole_and_once(packed: Any, tokenizer: Any, chat: Any) -> None:
    rows = [talk("a" * count) for count in range(1, 40)]
    done = packed(rows, length=200)
    assert sorted(texts(done, tokenizer)) == sorted(chat.text(row["messages"]) for row in rows)
    assert done.metrics["documents"] == 39
    assert done.metrics["rows"] == done.metrics["bound_rows"] >= done.metrics["minimum_rows"]
    assert done.metrics["share_cut"] == done.metrics["tokens_left_out"] == 0
    assert done.metrics["fill"] > 0.9
    assert all(len(row["input_ids"]) <= 200 for row in read_packed(done.outputs["packed"]))


def test_only_what_the_assistant_says_is_learned(packed: Any, tokenizer: Any) -> None:
    done = packed([talk("yes")], length=200)
    [row] = read_packed(done.outputs["packed"])
    learned = [label for label in row["labels"] if label != IGNORED]
    assert tokenizer.decode(learned) == "<|channel|>final<|message|>yes<|return|>"
    assert done.metrics["tokens_learned"] == len(learned)


def test_the_same_seed_gives_the_same_bytes(packed: Any) -> None:
    rows = [talk("a" * (count % 9)) for count in range(60)]
    bytes_of = [packed(rows, str(run), seed, length=300) for run, seed in enumerate((0, 0, 1))]
    files = [run.outputs["packed"].local().read_bytes() for run in bytes_of]
    assert files[0] == files[1] != files[2]


def test_the_file_is_what_trl_takes_and_says_how_it_was_made(packed: Any) -> None:
    from datasets import load_dataset

    done = packed([talk("yes")], length=200)
    made = made_of(done.outputs["packed"])
    assert made is not None
    assert (made.length, made.assistant_only) == (200, True)
    table = load_dataset("parquet", data_files=str(done.outputs["packed"].path), split="train", keep_in_memory=True)
    assert table.column_names == ["input_ids", "labels", "seq_lengths"]


def test_a_conversation_longer_than_a_row_is_left_out_and_counted(packed: Any, chat: Any) -> None:
    rows = [talk("yes")] * 9 + [talk("no" * 200)]
    done = packed(rows, length=200)
    assert (done.metrics["documents"], done.metrics["rows_cut"], done.metrics["share_cut"]) == (9, 1, 0.1)
    assert done.metrics["tokens_left_out"] == len(chat.ids(chat.text(rows[-1]["messages"])))
    [warning] = done.kinds("stage.warning")
    assert "of the conversations longer than a row 0 lost a part and 1 are left out, out of 10 rows (10.0%)" in str(
        warning
    )


def test_more_than_max_cut_is_refused(packed: Any) -> None:
    with pytest.raises(StageError, match=r"1 are left out, out of 2 rows \(50.0%\); max_cut is 0.1; raise the length"):
        packed([talk("yes"), talk("no" * 200)], length=200)


def test_nothing_but_long_conversations_is_refused(packed: Any) -> None:
    with pytest.raises(
        StageError, match='every conversation is longer than 20 tokens; raise length, or set split = "turns"'
    ):
        packed([talk("no" * 200)], length=20)


def test_a_long_conversation_is_split_where_an_answer_ends(packed: Any, tokenizer: Any, chat: Any) -> None:
    long = talk(*("word " * 6 for _ in range(8)))
    done = packed([long], length=200, split="turns")
    pieces = texts(done, tokenizer)
    whole = chat.text(long["messages"])
    assert len(pieces) > 1
    assert len(whole) == sum(map(len, pieces))
    assert all(piece in whole and piece.endswith("<|return|>") for piece in pieces)
    assert (done.metrics["documents_split"], done.metrics["rows_cut"], done.metrics["tokens_left_out"]) == (1, 0, 0)


def test_an_exchange_longer_than_a_row_is_left_out_of_a_split_conversation(packed: Any) -> None:
    done = packed([talk("yes", "no" * 200, "well")], length=200, split="turns", max_cut=1.0)
    assert (done.metrics["documents"], done.metrics["rows_cut"]) == (2, 1)
    assert done.metrics["tokens_left_out"] > 400


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12), st.integers(0, 9))
def test_pieces_are_whole_exchanges_in_order(exchanges: list[tuple[int, int]], rest: int) -> None:
    length, told = 12, Encoded(array("i"), array("i"))
    for asked, answered in exchanges:
        told.labels.extend([IGNORED] * asked + [1] * answered)
    told.labels.extend([IGNORED] * rest)
    told.ids.extend(range(len(told.labels)))
    pieces = split(told, length)
    tokens = [token for piece in pieces for token in piece.ids]
    sizes = [asked + answered for asked, answered in exchanges]
    assert tokens == sorted(set(tokens))
    assert all(0 < len(piece.ids) <= length and set(piece.labels) != {IGNORED} for piece in pieces)
    assert sum(len(piece.labels) - piece.labels.count(IGNORED) for piece in pieces) == sum(
        answered for (_, answered), size in zip(exchanges, sizes, strict=True) if size <= length
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"length": 0}, "length is 0; it must be at least 1"),
        ({"length": 8, "max_cut": 1.5}, "max_cut is 1.5; it must be between 0 and 1"),
        ({"length": 8, "split": "turns", "assistant_only": False}, 'split = "turns" needs assistant_only'),
    ],
)
def test_options_that_cannot_be_are_said_while_planning(options: dict[str, Any], expected: str) -> None:
    assert [expected in complaint for complaint in Pack(**options).check()] == [True]


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "rows.parquet"
    broken.write_bytes(b"PAR1 but not really")
    with pytest.raises(StageError, match=r"rows\.parquet cannot be read: .* pack the rows again"):
        made_of(Artifact("dataset", "rows.parquet", "", broken))


def test_packing_needs_no_training_library() -> None:
    import subprocess
    import sys

    code = "import sys, stagerun_stages.data.packer; print(sorted({'trl', 'peft', 'datasets'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
