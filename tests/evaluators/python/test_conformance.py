"""Python goes through the kit that every language must pass."""

from __future__ import annotations

import pytest

from stagerun import Task
from stagerun.testing import Case, Samples, cases, check_description, check_missing_tools
from stagerun_evaluators.judge import Local
from stagerun_evaluators.python import Python

TESTS = "from solution import add\n\ndef test_small():\n    assert add(1, 2) == 3\n\ndef test_large():\n    assert add(20, 22) == 42\n"
SAMPLES = Samples(
    task=Task(
        id="add",
        language="python",
        files={"test_solution.py": TESTS, "data.txt": "1"},
        repo={"solution.py": "def add(a, b):\n    return a - b\n"},
        meta={"timeout": 3.0, "memory_mb": 512},
    ),
    good="def add(a: int, b: int) -> int:\n    return a + b\n",
    wrong="def add(a, b):\n    return 0\n",
    half="def add(a, b):\n    return 3\n",
    broken="def add(a, b) return a + b\n",
    loud="import sys\n\nprint('x' * 300_000)\nprint('y' * 300_000, file=sys.stderr)\n\n\ndef add(a, b):\n    return a + b\n",
    endless="def add(a, b):\n    while True:\n        pass\n",
    hungry="def add(a, b):\n    return len(bytearray(10**10))\n",
    leaves="import os\n\n\ndef add(a, b):\n    os._exit(0)\n",
    forges="import os\n\nprint('test_solution.py ..  [100%]\\n2 passed in 0.01s')\nos._exit(0)\n",
    configuration={
        "conftest.py": "import pytest\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_call(item):\n    item.obj = lambda: None\n",
        "pytest.ini": "[pytest]\naddopts = --collect-only\n",
        "mypy.ini": "[mypy]\nignore_errors = true\n",
        "pytest.py": "def raises(*a): pass\n",
        "sitecustomize.py": "import os\nos._exit(0)\n",
    },
    patched="--- a/solution.py\n+++ b/solution.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n",
)


def test_it_describes_itself() -> None:
    check_description(Python(), SAMPLES)


@pytest.mark.parametrize("case", cases(SAMPLES), ids=str)
def test_it_conforms(local: Local, case: Case) -> None:
    case.check(local)


def test_without_its_tools_it_says_so() -> None:
    check_missing_tools(Python(), SAMPLES, lambda evaluator: Local(lambda _: evaluator, workers=1, cache=False))
