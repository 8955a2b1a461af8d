"""A task's test files, and the tests that they define, known from their text before any candidate is loaded.

A parametrised test is known by the name of its function, and by how many cases it has when that can be read off its decorators.
Not covered: tests that are made while a module runs; they count when they appear.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import lru_cache

from attrs import frozen

from stagerun.contracts import Task
from stagerun.errors import StageError

TESTS = "test_task.py"  # where `Task.tests` goes
_Functions = ast.FunctionDef | ast.AsyncFunctionDef


@frozen
class Named:
    """Test files with their text, conftests among them; tests and how many cases they have (None: unknown)."""

    files: Mapping[str, str]
    tests: Mapping[str, int | None]
    skipped: frozenset[str]  # those that the task itself skips, whatever the candidate

    @property
    def suites(self) -> list[str]:
        """The files with tests."""
        return [path for path in self.files if not path.endswith("conftest.py")]


def is_test(path: str) -> bool:
    """Whether pytest takes a file for tests, or for their configuration."""
    name = path.rpartition("/")[2]
    return fnmatch(name, "test_*.py") or fnmatch(name, "*_test.py") or name == "conftest.py"


def named(task: Task) -> Named:
    """Raises StageError when the task has no test or its tests are not Python."""
    given = {TESTS: task.tests} if task.tests.strip() else {}
    files = {path: text for path, text in task.files.items() if is_test(path)} | given
    found = _named(task.id, tuple(sorted(files.items())))
    if not task.expected:
        return found
    missing = [name for name in task.expected if name.partition("[")[0] not in {*found.tests, *found.skipped}]
    if missing:
        have = ", ".join(found.tests) or "none"
        raise StageError(
            f"task {task.id}: expected test {missing[0]} is not in its tests; found {have}", "mend the task"
        )
    return Named(
        found.files, {name: 1 if "[" in name else found.tests.get(name) for name in task.expected}, frozenset()
    )


@lru_cache(maxsize=512)
def _named(task: str, files: tuple[tuple[str, str], ...]) -> Named:
    try:
        trees = {path: ast.parse(text, path) for path, text in files}
    except (SyntaxError, ValueError) as error:
        raise StageError(f"task {task}: its tests are not Python: {error}", "mend the task") from error
    open_ended = any(_makes_cases(node) for tree in trees.values() for node in ast.walk(tree))
    found = {path: list(_Module(tree, open_ended).tests()) for path, tree in trees.items()}
    used = {
        path: text for path, text in files if found[path] or path.endswith("conftest.py")
    }  # others are only named like tests
    suites = [path for path in used if not path.endswith("conftest.py")]
    tests: dict[str, int | None] = {}
    skipped: set[str] = set()
    for path in suites:
        prefix = f"{path}::" if len(suites) > 1 else ""
        for name, count, skip in found[path]:
            (skipped.add if skip else lambda each, count=count: tests.update({each: count}))(prefix + name)
    if not tests:
        raise StageError(
            f"task {task} has no test", "give it functions named test_...; nothing can be scored without one"
        )
    return Named(used, tests, frozenset(skipped))


def _makes_cases(node: ast.AST) -> bool:
    """Whether it may make several cases of tests that take arguments."""
    if isinstance(node, _Functions):
        return node.name == "pytest_generate_tests"
    return isinstance(node, ast.Call) and any(keyword.arg == "params" for keyword in node.keywords)


class _Module:
    """The tests of one module."""

    def __init__(self, tree: ast.Module, open_ended: bool) -> None:
        self.open_ended = open_ended
        self.body = list(_flat(tree.body))
        deleted = {
            name.id
            for node in self.body
            if isinstance(node, ast.Delete)
            for name in node.targets
            if isinstance(name, ast.Name)
        }
        self.classes = {
            node.name: node for node in self.body if isinstance(node, ast.ClassDef) and node.name not in deleted
        }
        self.functions = {
            node.name: node for node in self.body if isinstance(node, _Functions) and node.name not in deleted
        }

    def tests(self) -> Iterator[tuple[str, int | None, bool]]:
        """Name, number of cases, whether the task skips it."""
        for name, node in self.functions.items():
            if name.startswith("test"):
                yield name, self._cases(node), _skips(node)
        for name, kind in self.classes.items():
            yield from self._of_class(name, kind, 1, False)

    def _of_class(
        self, name: str, node: ast.ClassDef, times: int | None, skip: bool
    ) -> Iterator[tuple[str, int | None, bool]]:
        members = dict(self._members(node, set()))
        unittest = self._is_case(node, set())
        if not unittest and (not node.name.startswith("Test") or "__init__" in members):
            return
        times, skip = _times(times, _decorated(node)), skip or _skips(node)
        for inner, member in members.items():
            if isinstance(member, ast.ClassDef) and not unittest:
                yield from self._of_class(f"{name}::{inner}", member, times, skip)
            elif isinstance(member, _Functions) and inner.startswith("test"):
                yield f"{name}::{inner}", _times(times, self._cases(member, 1)), skip or _skips(member)

    def _members(self, node: ast.ClassDef, seen: set[str]) -> Iterator[tuple[str, ast.stmt]]:
        """Everything a class has, from its bases in this module first."""
        for base in reversed(node.bases):
            if isinstance(base, ast.Name) and base.id in self.classes and base.id not in seen:
                yield from self._members(self.classes[base.id], seen | {base.id})
        for each in _flat(node.body):
            if isinstance(each, ast.ClassDef | _Functions):
                yield each.name, each

    def _is_case(self, node: ast.ClassDef, seen: set[str]) -> bool:
        for base in node.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            if name.endswith("TestCase"):
                return True
            if name in self.classes and name not in seen and self._is_case(self.classes[name], seen | {name}):
                return True
        return False

    def _cases(self, node: _Functions, own: int = 0) -> int | None:
        """How many cases a function has."""
        arguments = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs) - own
        return None if self.open_ended and arguments > 0 else _decorated(node)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, and those inside `if`, `try` and `with`."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _flat([*node.body, *getattr(node, "orelse", [])])


def _decorated(node: _Functions | ast.ClassDef) -> int | None:
    """How many cases `parametrize` makes; None when that cannot be read off."""
    times: int | None = 1
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = _word(called)
        if name == "parametrize" and isinstance(decorator, ast.Call):
            values = decorator.args[1] if len(decorator.args) > 1 else None
            plain = isinstance(values, ast.List | ast.Tuple) and not any(
                isinstance(each, ast.Starred) for each in values.elts
            )
            times = _times(times, len(values.elts) or 1 if plain else None)  # type: ignore[union-attr]
        elif name not in {
            "skip",
            "skipif",
            "usefixtures",
            "patch",
            "staticmethod",
            "xfail",
            "filterwarnings",
            "object",
        }:
            times = None if name not in {"skipIf", "skipUnless", "expectedFailure", "timeout"} else times
    return times


def _times(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _skips(node: _Functions | ast.ClassDef) -> bool:
    called = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list]
    return any(_word(each) == "skip" for each in called)


def _word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
