"""Which file is what: the candidate's code, the task's tests and helpers, and names that a candidate has no say in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from attrs import frozen

from stagerun.contracts import Candidate, Task
from stagerun.errors import StageError

ENTRY = "solution.ts"
SOURCES = (".ts", ".tsx", ".mts", ".cts")
_TEST = re.compile(r"(?:\.(?:test|spec)\.[cm]?[jt]sx?$)|(?:(?:^|/)__(?:tests|mocks|snapshots)__/)")
_CONFIGURATION = re.compile(
    r"(?:^|/)(?:node_modules/|package(?:-lock)?\.json$|npm-shrinkwrap\.json$|yarn\.lock$|[tj]sconfig[\w.-]*\.json$|jest\.config|"
    r"jest[-.]setup|eslint\.config|babel\.config|\.(?:eslintrc|babelrc|swcrc|npmrc|yarnrc|mocharc|pnp)|stagerun-)"
)


@frozen
class Files:
    """The files of one candidate: `code` is judged, `helpers` are the task's, `tests` are run in this order."""

    code: Mapping[str, str]
    helpers: Mapping[str, str]
    tests: Mapping[str, str]

    @classmethod
    def of(cls, candidate: Candidate) -> Files:
        """Sorted out; raises StageError for a task without a test file."""
        task = candidate.task
        tests = tests_of(task)
        if not tests:
            raise StageError(
                f"task {task.id} has no test file", "expected *.test.ts among its files, or the text of one"
            )
        helpers = {path: text for path, text in task.files.items() if path not in tests}
        given = {**candidate.files, **({entry(task): candidate.code} if candidate.code else {})}
        mine = {path: exposed(text, task) if path == entry(task) else text for path, text in given.items()}
        ours = {**helpers, **tests}
        return cls(
            {path: text for path, text in mine.items() if path not in ours and not forbidden(path)}, helpers, tests
        )

    @property
    def lint(self) -> list[str]:
        """The files whose style counts: all code but declarations."""
        return [path for path in self.code if path.endswith(SOURCES) and not path.endswith(".d.ts")]


def entry(task: Task) -> str:
    """The file that a candidate's single text goes to."""
    return task.entry or ENTRY


def tests_of(task: Task) -> dict[str, str]:
    """The task's test files by path: those named so, or its `tests` beside the entry file."""
    named = {path: text for path, text in task.files.items() if _TEST.search(path) and path.endswith((*SOURCES, ".js"))}
    if not task.tests.strip():
        return named
    path = PurePosixPath(entry(task))
    return {str(path.with_name(f"{path.stem}.test.ts")): task.tests, **named}


def forbidden(path: str) -> bool:
    """Whether a candidate's file is left out: tests of its own, configuration of the tools, packages."""
    return bool(_TEST.search(path) or _CONFIGURATION.search(path))


def exposed(code: str, task: Task) -> str:
    """The code with an export of the names that the task's tests need and that it defines without exporting them."""
    missing = [name for name in task.meta.get("exposes", ()) if _defines(code, name) and not _exports(code, name)]
    return f"{code}\nexport {{ {', '.join(missing)} }};\n" if missing else code


def _defines(code: str, name: str) -> bool:
    return bool(
        re.search(rf"^(?:async\s+)?(?:function\s*\*?|const|let|var|class)\s+{re.escape(name)}\b", code, re.MULTILINE)
    )


def _exports(code: str, name: str) -> bool:
    return bool(
        re.search(rf"^export\s*(?:default\s+{re.escape(name)}\b|\{{[^}}]*\b{re.escape(name)}\b)", code, re.MULTILINE)
    )
