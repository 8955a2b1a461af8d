"""The steps of a training with MLX take the rows that a training with TRL takes, in its order."""

from __future__ import annotations

from array import array

import pytest

from stagerun_stages.mlx.batches import Course, collate, course, learned, longest, order
from stagerun_stages.mlx.rates import learning_rates
from stagerun_stages.train.memory import Split
from stagerun_stages.train.sft import Sft


def row(*tokens: int) -> dict[str, array[int]]:
    return {"input_ids": array("i", tokens), "labels": array("i", [-100, *tokens[1:]])}


def trainer(rows: int, tmp_path, **given):
    """transformers' own trainer over rows that hold their place."""
    import torch
    from datasets import Dataset
    from transformers import Trainer, TrainingArguments

    arguments = TrainingArguments(str(tmp_path), use_cpu=True, data_seed=11, remove_unused_columns=False, **given)
    table = Dataset.from_dict({"input_ids": [[place] for place in range(rows)]})
    return Trainer(torch.nn.Linear(1, 1), arguments, train_dataset=table, data_collator=lambda some: some)


def test_the_order_is_that_of_transformers_in_every_pass(tmp_path) -> None:
    loader = trainer(10, tmp_path, per_device_train_batch_size=3).get_train_dataloader()
    for epoch in range(3):
        loader.set_epoch(epoch)
        theirs = [one["input_ids"][0] for batch in loader for one in batch]
        assert theirs == list(order(10, 11 + epoch))


@pytest.mark.parametrize(("rows", "micro", "accumulation"), [(10, 3, 2), (8, 2, 2), (7, 2, 1), (3, 4, 2)])
def test_the_number_of_steps_is_that_of_transformers(rows, micro, accumulation, tmp_path) -> None:
    theirs = trainer(
        rows,
        tmp_path,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=accumulation,
        num_train_epochs=2.5,
    )
    steps = theirs.set_initial_training_values(theirs.args, theirs.get_train_dataloader())[-1]
    options = Sft(epochs=2.5, batch_size=micro, accumulation=accumulation)
    assert course(options, Split(micro, accumulation), rows, 11).steps == steps


def test_every_pass_takes_every_row_once_and_its_last_step_is_short() -> None:
    steps = Course(rows=10, micro=2, accumulation=2, seed=0, steps=6)
    for first in (0, 3):
        taken = [steps.at(step) for step in range(first, first + 3)]
        assert [[len(batch) for batch in step] for step in taken] == [[2, 2], [2, 2], [2]]
        assert sorted(place for step in taken for batch in step for place in batch) == list(range(10))


def test_rows_are_padded_on_the_right_and_padding_is_not_learned(mlx) -> None:
    ids, labels = collate([row(5, 6, 7), row(8, 9)], pad=1, multiple=4)
    assert ids.tolist() == [[5, 6, 7, 1], [8, 9, 1, 1]]
    assert labels.tolist() == [[-100, 6, 7, -100], [-100, 9, -100, -100]]
    assert learned([(ids, labels)]) == 3


def test_the_longest_rows_come_first() -> None:
    assert longest([row(1), row(1, 2), row(1, 2, 3), row(4, 5)], 2) == [2, 1]


def test_rates_rise_and_fall_as_transformers_says() -> None:
    assert learning_rates(Sft(learning_rate=1.0, warmup=0.5), 4) == [0.0, 0.5, 1.0, 0.5]
    assert learning_rates(Sft(learning_rate=1.0, schedule="constant"), 2) == [1.0, 1.0]
