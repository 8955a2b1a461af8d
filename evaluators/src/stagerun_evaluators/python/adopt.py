"""Tasks in strangers' formats as tasks that the harness can run.

HumanEval: `check(candidate)` is called by one test, after the prompt's own helpers. Exercism: its `*_test.py` are tests as they
are, and the solution's file is the one that they import.
"""

from __future__ import annotations

import ast

import attrs

from stagerun.contracts import Task
from stagerun.errors import StageError
from stagerun_evaluators.python.named import is_test

_CALL = "def test_{name}():\n    check({name})\n"


def adopted(task: Task) -> Task:
    """The task as one of ours, or as it is when its format is not known; raises StageError when something of it is missing."""
    form = task.meta.get("format")
    if form == "humaneval":
        return _humaneval(task)
    return _exercism(task) if form == "exercism" else task


def _humaneval(task: Task) -> Task:
    try:
        texts = {"test": task.tests, **task.meta} if task.tests else task.meta
        prompt, test, name = (str(texts[key]) for key in ("prompt", "test", "entry_point"))
    except KeyError as error:
        raise StageError(
            f"task {task.id}: a HumanEval row without {error}", "give prompt, test and entry_point"
        ) from error
    module = (task.entry or "solution.py").removesuffix(".py").replace("/", ".")
    wanted = f"from {module} import {name}"
    tests = "\n\n".join([_helpers(prompt, name), wanted, test, _CALL.format(name=name)])
    return attrs.evolve(task, tests=tests, statement=task.statement or prompt)


def _helpers(prompt: str, name: str) -> str:
    """What the prompt defines beside the function to write; tests may use it."""
    try:
        tree = ast.parse(prompt)
    except SyntaxError:  # a prompt that ends inside its function
        return ""
    tree.body = [node for node in tree.body if getattr(node, "name", None) != name]
    return ast.unparse(tree)


def _exercism(task: Task) -> Task:
    if task.entry:
        return task
    tests = [path for path in task.files if is_test(path) and path.endswith("_test.py")]
    return attrs.evolve(task, entry=tests[0].replace("_test.py", ".py")) if tests else task
