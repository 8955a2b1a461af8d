"""Answers of a checkpoint: another number of processes takes the same ones for the same batch, filled up on the right side."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from stagerun import StageError
from stagerun_stages.train.rollouts import dealt

PADDING = 9


def piece(rows: range, prompt: int = 1, said: int = 1) -> dict[str, Any]:
    """Answers that are told apart by their advantage."""
    return {
        "prompt_ids": torch.full((len(rows), prompt), 5),
        "prompt_mask": torch.ones(len(rows), prompt),
        "completion_ids": torch.full((len(rows), said), 6),
        "old_per_token_logps": torch.full((len(rows), said), -1.0),
        "advantages": torch.tensor([float(row) for row in rows]),
        "num_items_in_batch": torch.tensor(48),
    }


def parts(processes: int, batches: int, divided: int, rows: int) -> list[list[dict[str, Any]]]:
    """Pieces of `rows` answers, numbered in the order in which all processes together take them."""
    pieces = [[range(0)] * batches * divided for _ in range(processes)]
    for at in range(processes * batches * divided):
        pieces[at % processes][at // processes] = range(at * rows, (at + 1) * rows)
    return [list(map(piece, mine)) for mine in pieces]


def taken(found: list[list[dict[str, Any]]], divided: int) -> list[set[float]]:
    """The answers of each batch, over all processes."""
    batches = range(0, len(found[0]), divided)
    pieces = ([each for mine in found for each in mine[at : at + divided]] for at in batches)
    return [{value for each in batch for value in each["advantages"].tolist()} for batch in pieces]


@pytest.mark.parametrize(("processes", "divided"), [(1, 1), (1, 4), (2, 1), (2, 4), (4, 1), (4, 2)])
def test_every_batch_keeps_its_answers_in_equal_pieces(processes: int, divided: int) -> None:
    given = parts(2, batches=3, divided=2, rows=2)
    found = dealt(given, 2, divided, processes, PADDING)
    assert taken(found, divided) == taken(given, 2)
    assert {len(each["advantages"]) for mine in found for each in mine} == {8 // processes // divided}
    assert [len(mine) for mine in found] == [3 * divided] * processes
    assert all(each["num_items_in_batch"] == 48 for mine in found for each in mine)


def test_as_many_processes_with_the_same_pieces_take_each_its_own() -> None:
    given = parts(2, batches=2, divided=2, rows=1)
    assert dealt(given, 2, 2, 2, PADDING) == given


def test_prompts_are_filled_up_in_front_and_answers_behind() -> None:
    [[found]] = dealt([[piece(range(1))], [piece(range(1, 2), prompt=3, said=2)]], 1, 1, 1, PADDING)
    assert found["prompt_ids"].tolist() == [[9, 9, 5], [5, 5, 5]]
    assert found["prompt_mask"].tolist() == [[0, 0, 1], [1, 1, 1]]
    assert found["completion_ids"].tolist() == [[6, 9], [6, 6]]
    assert found["old_per_token_logps"].tolist() == [[-1, 0], [-1, -1]]


def test_pieces_that_make_up_no_whole_batches_are_refused_and_not_taken_for_others() -> None:
    with pytest.raises(StageError, match="answers for 3 pieces of batches of 2; set launch.processes and micro_batch"):
        dealt(parts(1, batches=3, divided=1, rows=2), 2, 1, 1, PADDING)
