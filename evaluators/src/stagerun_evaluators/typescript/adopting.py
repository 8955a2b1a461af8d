"""Makes a task of one that was read from another format.

Exercism: tests marked `xit` are meant to be run; those marked `it.skip` are not, its own examples fail some. HumanEval and its
kin: a script of `assert` calls becomes one test, and what the prompt defines is exported from the candidate's file, where it is
not.
"""

from __future__ import annotations

import re

import attrs

from stagerun.contracts import Task
from stagerun.errors import StageError
from stagerun_evaluators.typescript.files import ENTRY

_DECLARED = re.compile(r"^\s*declare\s+(?:var|let|const|function)\b.*$", re.MULTILINE)
_IMPORT = re.compile(r"^import\b[^;\n]*;?[ \t]*$", re.MULTILINE)
_DEFINED = re.compile(r"^(?:export\s+)?(?:async\s+)?(?:function\s*\*?|const|let|var|class)\s+(\w+)", re.MULTILINE)
_JEST = re.compile(
    r"^\s*(?:describe|test|it)(?:\.\w+)*\s*\(\s*['\"`]", re.MULTILINE
)  # MultiPL-E calls a `test()` of its own
# `console.assert` only prints; in a test it has to fail.
_CONSOLE = (
    "const console = { ...globalThis.console, assert: (held: unknown, ...told: unknown[]) => "
    "{ if (!held) throw new Error(`assertion failed ${told.join(' ')}`); } };"
)


def adopted(task: Task) -> Task:
    """The task as this language judges it; raises StageError for a row whose tests never name what they test."""
    if task.meta.get("format") == "exercism":
        return attrs.evolve(task, meta={**task.meta, "skips": False})
    if task.meta.get("format") == "humaneval":
        return _of_script(task)
    return task


def _of_script(task: Task) -> Task:
    point = str(task.meta.get("entry_point", ""))
    if not re.search(rf"\b{re.escape(point)}\b", task.tests):
        raise StageError(
            f"task {task.id}: its tests never use {point}", "expected a script of assertions about the entry point"
        )
    prompt = str(task.meta.get("prompt", ""))
    defined = set(_DEFINED.findall(task.tests))
    names = [name for name in dict.fromkeys([*_DEFINED.findall(prompt), point]) if name not in defined]
    path = task.entry or ENTRY
    meta = {**task.meta, "exposes": names}
    return attrs.evolve(task, tests=_wrapped(task.tests, names, point, path), entry=path, meta=meta)


def _wrapped(script: str, names: list[str], point: str, path: str) -> str:
    module = "./" + path.rpartition("/")[2].removesuffix(".ts")
    taken = [name for name in names if re.search(rf"\b{re.escape(name)}\b", script)]
    imports = f"import {{ {', '.join(taken)} }} from '{module}';\n"
    if _JEST.search(script):
        return imports + script
    body = _IMPORT.sub("", _DECLARED.sub("", script))
    head = "\n".join(_IMPORT.findall(script))
    own = _CONSOLE if "console.assert" in script else ""
    return f"{imports}{head}\ntest('{point}', async () => {{\n{own}\n{body}\n}});\n"
