"""When memory runs out the same global batch is taken in smaller pieces, and the training stays what it was."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.memory import split, weights
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

EITHER = ["sft", pytest.param("dpo", marks=pytest.mark.slow)]  # DPO in smaller pieces is tried first of all
QUICK = {"lora": Lora(rank=4, alpha=8.0), "learning_rate": 1e-2, "epochs": 2.0, "batch_size": 4}


@given(st.integers(1, 200), st.integers(1, 8))
def test_the_global_batch_stays_until_single_rows_are_left(batch: int, accumulation: int) -> None:
    pieces = [split(batch, accumulation, 0)]
    while pieces[-1].micro > 1:
        pieces.append(split(batch, accumulation, len(pieces)))
    assert all(one.micro * one.accumulation == batch * accumulation for one in pieces)
    assert all(one.micro * one.divided == batch for one in pieces)
    assert all(after.micro <= before.micro // 2 for before, after in pairwise(pieces))
    assert all(after.divided % before.divided == 0 for before, after in pairwise(pieces))
    with pytest.raises(StageError, match="memory ran out with a micro batch of 1 row; lower max_length"):
        split(batch, accumulation, len(pieces))


@given(st.integers(1, 200), st.integers(1, 8), st.integers(1, 250))
def test_pieces_are_at_most_as_large_as_wanted_and_shrink_from_there(batch: int, accumulation: int, most: int) -> None:
    first = split(batch, accumulation, 0, most)
    pieces = [first]
    while pieces[-1].micro > 1:
        pieces.append(split(batch, accumulation, len(pieces), most))
    assert first.micro <= most
    assert all(one.micro * one.accumulation == batch * accumulation for one in pieces)
    assert all((one.micro * one.divided, one.micro * one.shrunk) == (batch, first.micro) for one in pieces)


@given(st.integers(1, 8), st.integers(1, 4), st.integers(1, 70))
def test_a_mean_over_pieces_is_the_mean_over_the_batches_they_were(micro: int, divided: int, rows: int) -> None:
    batch = micro * divided
    losses = [math.sin(row) for row in range(rows)]
    whole = [losses[at : at + batch] for at in range(0, rows, batch)]
    pieces = [one[at : at + micro] for one in whole for at in range(0, len(one), micro)]
    before = sum(sum(one) / len(one) for one in whole) / len(whole)
    after = sum(
        sum(piece) / len(piece) * factor
        for piece, factor in zip(pieces, weights([len(piece) for piece in pieces], divided), strict=True)
    ) / len(pieces)
    assert after == pytest.approx(before, rel=1e-12, abs=1e-12)


def stage(kind: str, **options: object) -> Sft | Dpo:
    more = {"accumulation": 2, "save_steps": 1, **QUICK, **options}
    return Sft(**more) if kind == "sft" else Dpo(**more)


@pytest.fixture
def inputs(model, data, rows):
    """`inputs("dpo")`: eleven rows, so that neither batches nor steps come out even."""

    def give(kind: str):
        other = [{"role": "assistant", "content": "no way"}]
        given = rows(11)
        if kind == "dpo":
            given = [{"prompt": r["messages"][:1], "chosen": r["messages"][1:], "rejected": other} for r in given]
        return {"model": model("llama"), "train": data(given)}

    return give


@pytest.mark.parametrize(
    ("kind", "failures"),
    [("sft", 1), ("dpo", 2), *(pytest.param(*one, marks=pytest.mark.slow) for one in (("sft", 2), ("dpo", 1)))],
)
def test_smaller_pieces_give_the_same_losses_up_to_rounding(kind, failures, inputs, tmp_path: Path, history) -> None:
    given = inputs(kind)
    run_stage(stage(kind), tmp_path / "whole", given)
    done = run_stage(stage(kind), tmp_path / "pieces", given, memory_failures=failures)
    whole, pieces = ([row["loss"] for row in history(tmp_path / name)] for name in ("whole", "pieces"))
    assert len(pieces) == len(whole) == 4
    assert pieces == pytest.approx(whole, rel=2e-5)
    assert done.metrics["micro_batch"] == 4 >> failures
    (told,) = [event["text"] for event in done.kinds("stage.warning") if "memory" in event["text"]]
    assert f"pieces of {4 >> failures}, accumulated {2 << failures} times; the global batch stays 8" in told


@pytest.mark.parametrize("kind", EITHER)
def test_a_micro_batch_gives_the_same_losses_up_to_rounding_and_nothing_is_warned_of(
    kind, inputs, tmp_path: Path, history
) -> None:
    given = inputs(kind)
    run_stage(stage(kind), tmp_path / "whole", given)
    done = run_stage(stage(kind, micro_batch=2), tmp_path / "pieces", given)
    whole, pieces = ([row["loss"] for row in history(tmp_path / name)] for name in ("whole", "pieces"))
    assert pieces == pytest.approx(whole, rel=2e-5)
    assert done.metrics["micro_batch"] == 2
    assert not [event for event in done.kinds("stage.warning") if "memory" in event["text"]]


def test_a_training_that_was_cut_goes_on_from_its_checkpoint_in_larger_pieces(
    inputs, tmp_path: Path, history, dying_at
) -> None:
    given = inputs("sft")
    run_stage(stage("sft"), tmp_path / "whole", given)
    with dying_at(3):
        run_stage(stage("sft", micro_batch=1), tmp_path / "cut", given)
    again = run_stage(stage("sft", micro_batch=4), tmp_path / "cut", given)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [2]
    whole, cut = ([row["loss"] for row in history(tmp_path / name)] for name in ("whole", "cut"))
    assert cut == pytest.approx(whole, rel=2e-5)


@pytest.mark.parametrize("kind", EITHER)
def test_a_training_goes_on_in_smaller_pieces_from_its_checkpoint(
    kind, inputs, tmp_path: Path, history, dying_at
) -> None:
    given = inputs(kind)
    run_stage(stage(kind), tmp_path / "whole", given)
    with dying_at(3):
        run_stage(stage(kind), tmp_path / "cut", given)
    again = run_stage(stage(kind), tmp_path / "cut", given, memory_failures=1)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [2]
    whole, cut = ([row["loss"] for row in history(tmp_path / name)] for name in ("whole", "cut"))
    assert cut == pytest.approx(whole, rel=2e-5)


def test_the_pieces_stay_small_in_a_later_run(inputs, tmp_path: Path, dying_at, same_run) -> None:
    given = inputs("sft")
    run_stage(stage("sft"), tmp_path / "whole", given, memory_failures=1)
    with dying_at(3):
        run_stage(stage("sft"), tmp_path / "cut", given, memory_failures=1)
    again = run_stage(stage("sft"), tmp_path / "cut", given)
    assert again.metrics["micro_batch"] == 2
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_single_rows_that_do_not_fit_are_the_end(inputs, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="memory ran out with a micro batch of 1 row"):
        run_stage(stage("sft"), tmp_path / "run", inputs("sft"), memory_failures=3)
