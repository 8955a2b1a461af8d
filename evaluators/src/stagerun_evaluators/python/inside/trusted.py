"""Namespaces that a candidate must leave alone, and the comparison with what they were.

Compares identities only: what a name stands for, and which module `sys.modules` has. Code that is changed inside a function is
found by `watch`. Data in these namespaces may change, and so may what the tests themselves patch.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import operator
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

Space = tuple[str, Mapping[str, Any], tuple[str, ...], tuple[Any, ...]]
TOOLS = re.compile(r"(_pytest|pytest|pluggy|unittest|inside)(\.|$)")
CLASSES = (
    "unittest.case",
    "_pytest.raises",
    "_pytest.approx",
    "_pytest.python_api",
    "unittest.async_case",
    "_pytest.outcomes",
)
# There to be replaced, by anybody: hooks, and what warnings and logging keep in their modules.
HOOKS = {
    "excepthook",
    "unraisablehook",
    "displayhook",
    "breakpointhook",
    "showwarning",
    "formatwarning",
    "_showwarnmsg_impl",
}
HOOKS |= {"_loggerClass", "_logRecordFactory"}
_PATCHES = re.compile(r"\b(patch|setattr|monkeypatch|delattr)\b")


class Trusted:
    """`surface` is what tests stand on, looked at all the time; `tools` everything else, looked at after every test."""

    def __init__(self, trees: Iterable[tuple[ast.Module, str]], taken: set[str]) -> None:
        self.exempt = set(HOOKS).union(*(patched(tree, text) for tree, text in trees))
        self.modules: dict[str, ModuleType] = {"builtins": builtins}
        for name in sorted(set().union(*(imported(tree) for tree, _ in trees)) - taken):
            self._import(name)
        self.finders = (sys.meta_path, tuple(sys.meta_path), sys.path_hooks, tuple(sys.path_hooks))
        self.surface: list[Space] = []
        for name, module in self.modules.items():
            self.add(name, vars(module))
        for name in CLASSES:
            for key, value in vars(sys.modules.get(name, builtins)).items() if name in sys.modules else ():
                if isinstance(value, type) and value.__module__ == name and key != "Approx":
                    self.add(f"{name}.{key}", vars(value))

    def _import(self, name: str) -> None:
        try:
            self.modules[name] = importlib.import_module(name)
        except Exception:  # the candidate's own, or a broken test, which says so when it runs
            return

    def add(self, name: str, space: Mapping[str, Any]) -> None:
        """From now on, functions and classes of this namespace may not be replaced."""
        self.surface.append(taken_down(name, space, self.exempt))

    def replaced(self, tools: Iterable[Space]) -> Iterator[str]:
        """What is no longer what it was."""
        for name, module in self.modules.items():
            if sys.modules.get(name) is not module and name not in self.exempt:
                yield f"replaced module {name}"
        path, finders, hooks, makers = self.finders
        if (
            sys.meta_path is not path
            or not _same(path, finders)
            or sys.path_hooks is not hooks
            or not _same(hooks, makers)
        ):
            yield "changed how modules are found"
        for name, space, keys, values in (*self.surface, *tools):
            if not all(map(operator.is_, map(space.get, keys), values)):
                for key, value in zip(keys, values, strict=True):
                    if space.get(key) is not value:
                        yield f"replaced {name}.{key}"


def taken_down(name: str, space: Mapping[str, Any], exempt: Iterable[str] = ()) -> Space:
    """What the callables of a namespace are now."""
    items = [(key, value) for key, value in dict(space).items() if callable(value) and key not in exempt]
    items = [(key, value) for key, value in items if key != "__build_class__" and not key.startswith("_abc_")]
    return (name, space, tuple(key for key, _ in items), tuple(value for _, value in items))


def all_tools() -> list[Space]:
    """Every module of pytest, pluggy and unittest that is loaded, and every class in them."""
    found: list[Space] = []
    for name, module in sorted(sys.modules.items()):
        if TOOLS.match(name):
            found.append(taken_down(name, vars(module)))
            found += [
                taken_down(f"{name}.{key}", vars(value))
                for key, value in vars(module).items()
                if isinstance(value, type) and value.__module__ == name
            ]
    return found


def imported(tree: ast.Module) -> set[str]:
    """The absolute modules that the tests import anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def patched(tree: ast.Module, text: str) -> set[str]:
    """Names that the tests may replace themselves: what they assign to as attributes, and words in strings when they patch."""
    nodes = list(ast.walk(tree))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)}
    if _PATCHES.search(text):
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update((node.value, node.value.rpartition(".")[2]))
    return found


def _same(found: list[Any], before: tuple[Any, ...]) -> bool:
    return len(found) == len(before) and all(map(operator.is_, found, before))
