"""`code.eval` with the real judge: our rows, a folder, HumanEval and an exercise, honest and cheating, in one run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stagerun import Registry
from stagerun.testing import dataset, run_stage
from stagerun.testing.stages import artifact
from stagerun_evaluators.code_eval import CodeEval
from stagerun_evaluators.judge import Local

HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": "def half(x: float) -> float:\n    '''Half.'''\n",
    "entry_point": "half",
    "test": "def check(candidate):\n    assert candidate(2) == 1\n    assert candidate(5) == 2.5\n",
}
SOLUTIONS = [
    {"task_id": "python/double", "code": "def double(n: int) -> int:\n    return 2 * n\n"},
    {"task_id": "python/double", "code": "import os\n\nos._exit(0)\n"},
    {
        "task_id": "python/mend",
        "patch": "--- a/solution.py\n+++ b/solution.py\n@@ -1,2 +1,2 @@\n def three():\n-    return 2\n+    return 3\n",
    },
    {
        "task_id": "python/mend",
        "patch": "--- a/solution.py\n+++ b/solution.py\n@@ -1 +1 @@\n-def four():\n+def five():\n",
    },
    {"task_id": "HumanEval/0", "completion": "    return x / 2\n"},
    {"task_id": "HumanEval/0", "completion": "    return x // 2\n"},
    {"task_id": "python/add", "code": "def add(a, b):\n    return a + b\n"},
    {"task_id": "python/add", "files": {"../add.py": "x"}},
]
PASSED = [True, False, True, False, True, False, True, False]


@pytest.fixture
def judge() -> Iterator[Local]:
    registry = Registry()
    made = Local(lambda name: registry.find("evaluators", name).value(), cache=False)
    yield made
    made.close()


def tasks(root: Path) -> Path:
    files = {
        "rows.jsonl": json.dumps(
            {
                "id": "python/double",
                "language": "python",
                "tests": "from solution import double\n\ndef test_it():\n    assert double(2) == 4\n",
            }
        )
        + "\n"
        + json.dumps(HUMANEVAL),
        "mend/task.toml": 'id = "python/mend"\nlanguage = "python"\n',
        "mend/statement.md": "Mend it.",
        "mend/tests/test_solution.py": "from solution import three\n\ndef test_it():\n    assert three() == 3\n",
        "mend/repo/solution.py": "def three():\n    return 2\n",
        "add/.meta/config.json": json.dumps({"files": {"solution": ["add.py"], "test": ["add_test.py"]}}),
        "add/.docs/instructions.md": "Add.",
        "add/add.py": "def add(a, b):\n    pass\n",
        "add/add_test.py": "import unittest\n\nfrom add import add\n\n\nclass AddTest(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertEqual(add(1, 2), 3)\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_every_form_of_task_and_solution_gets_its_right_verdict(tmp_path: Path, judge: Local) -> None:
    inputs = {
        "tasks": artifact("dataset", tasks(tmp_path / "tasks")),
        "solutions": dataset(tmp_path / "s.jsonl", SOLUTIONS),
    }
    done = run_stage(CodeEval(k=(1, 2), language="python"), tmp_path / "run", inputs, judge=judge)
    rows = [json.loads(line) for line in (tmp_path / "run/final/records.jsonl").read_text().splitlines()]
    told = [(row["task_id"], row["verdict"], row["detail"]) for row in rows]
    assert [verdict == "passed" for _, verdict, _ in told] == PASSED, told
    assert (done.metrics["pass_at_1"], done.metrics["pass_at_2"]) == (0.5, 1.0)
    assert 0 < done.metrics["pytest_pass_rate"] <= 0.5
    assert done.metrics["unjudged"] == 0
