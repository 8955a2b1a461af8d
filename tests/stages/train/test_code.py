"""Code is taken out of what a model said, and becomes what the judge is given."""

from __future__ import annotations

import pytest

from stagerun import Task
from stagerun_stages.train.code import candidate_of, code_of

SPECIAL = frozenset({"<|return|>"})
DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-x = 0\n+x = 1\n"


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


def test_a_diff_in_answer_to_a_task_with_a_repository_is_a_patch() -> None:
    found = candidate_of(Task("t", "python", repo={"x.py": "x = 0\n"}), f"```diff\n{DIFF}```", SPECIAL)
    assert (found.patch, found.code) == (DIFF, "")


def test_a_diff_in_answer_to_any_other_task_is_code() -> None:
    assert candidate_of(Task("t", "python"), f"```diff\n{DIFF}```", SPECIAL).code == DIFF


def test_an_answer_to_a_humaneval_task_continues_its_prompt() -> None:
    task = Task("t", "python", meta={"format": "humaneval", "entry_point": "one", "prompt": "def one():\n"})
    assert candidate_of(task, "```\n    return 1\n```", SPECIAL).code == "def one():\n    return 1\n"
