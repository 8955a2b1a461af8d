"""Code is taken out of what a model said, and a task out of a row."""

from __future__ import annotations

import pytest

from stagerun import StageError, Task
from stagerun_stages.train.code import code_of, read_task

SPECIAL = frozenset({"<|return|>"})


@pytest.mark.parametrize(
    "text",
    [
        "x = 1<|return|>",
        "<|channel|>final<|message|>Here:\n```python\nx = 1\n```\nDone.<|return|>",
        "first\n```\nwrong\n```\nthen\n```py\nx = 1\n```",
        "```python\nx = 1",
        ' to=functions.write<|channel|>commentary json<|message|>{"path": "a", "text": "x = 1"}<|call|>',
    ],
)
def test_code_is_found_wherever_the_model_put_it(text: str) -> None:
    assert code_of(text, SPECIAL).strip() == "x = 1"


def test_a_task_is_read_from_its_table() -> None:
    assert read_task({"id": "a", "language": "python", "expected": ["t"]}) == Task("a", "python", expected=("t",))


def test_a_task_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(StageError, match='the task a has "test"'):
        read_task({"id": "a", "language": "python", "test": "x"})


def test_a_task_without_language_is_refused() -> None:
    with pytest.raises(StageError, match="has no id or language"):
        read_task({"id": "a"})
