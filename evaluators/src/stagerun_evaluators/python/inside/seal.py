"""Bakes what code depends on into the code itself, so that nobody can replace it afterwards.

A Python function looks its helpers up when it runs: in its module, then among the builtins. Whoever shares the interpreter may
change both, for one moment. The constants of a code object cannot be changed by any Python code, so names are turned into
constants: in the harness's own functions all of them, in a task's tests the builtins and the harness's guards.
Not covered: memory that is written to directly.
"""

from __future__ import annotations

import ast
import builtins
import secrets
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

_MARKS = secrets.randbits(200) | 1 << 200  # a mark is a whole number: the compiler folds nothing that is done to it
_NAMES: list[str] = []
# These need their own name, a frame, or are there to be replaced: `super` makes a cell, tests patch `open` and `input`.
_LEFT = {
    "super",
    "locals",
    "globals",
    "vars",
    "dir",
    "eval",
    "exec",
    "open",
    "input",
    "print",
    "breakpoint",
    "help",
    "exit",
    "quit",
}
BUILTINS: dict[str, Any] = {
    name: value for name, value in vars(builtins).items() if callable(value) and name not in _LEFT and name[0] != "_"
}
# With `from solution import *` a name may be the candidate's on purpose; these a test only ever uses to look at results.
COMPARING = (
    "abs all any bool bytes callable complex dict float frozenset getattr hasattr id int isinstance issubclass iter len list"
    " max min next object repr round set sorted str tuple type zip"
).split()


Prepared = Callable[[Mapping[str, object]], dict[str, Any]]


def prepared(path: Path) -> Prepared:
    """A file ready to be loaded with what it is given: its functions see that, each other and today's builtins for ever.

    What it is given must be written in the file as well, as annotated names.
    """
    tree = ast.parse(path.read_bytes(), str(path))
    bound_anywhere = bound(tree)
    known = bound_anywhere | (set(BUILTINS) - bound_anywhere)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            _Sealer(known - _local(node)).body(node)
    code = _compiled(tree, str(path))
    return partial(_loaded, code, path.stem)


def _loaded(code: CodeType, name: str, given: Mapping[str, object]) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": f"sealed {name}", **given}
    exec(code, space)
    values = {**BUILTINS, **space}
    for value in list(space.values()):
        if type(value) is FunctionType and value.__globals__ is space:
            value.__code__ = filled(value.__code__, values)
    return space


def source(tree: ast.Module, path: str, values: Mapping[str, object]) -> CodeType:
    """A tree compiled with every name in `values` as a constant; the tree must not bind any of them."""
    _Sealer(set(values)).visit(tree)
    return filled(_compiled(ast.fix_missing_locations(tree), path), values)


def bound(tree: ast.AST) -> set[str]:
    """Every name that the tree gives a value to, in whatever scope."""
    names: set[str] = set()
    for node in ast.walk(tree):
        names.update(_bound_by(node))
    return names


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    name = getattr(node, "name", None)  # functions, classes, caught exceptions, captures of patterns
    return [name] if isinstance(name, str) else []


def _local(node: ast.FunctionDef) -> set[str]:
    return set().union(*(bound(inner) for inner in (*node.body, node.args)))


class _Sealer(ast.NodeTransformer):
    """Replaces names by marks; annotations and f-strings' own parts stay as they are."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def body(self, node: ast.FunctionDef) -> None:
        node.body = [self.visit(inner) for inner in node.body]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.names:
            return ast.copy_location(ast.Constant(_mark(node.id)), node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return node


def _mark(name: str) -> int:
    if name not in _NAMES:
        _NAMES.append(name)
    return _MARKS + _NAMES.index(name)


def _compiled(tree: ast.Module, path: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "'int' object is not callable": it will not be an int
        code: CodeType = compile(tree, path, "exec", dont_inherit=True)
    return code


def filled(code: CodeType, values: Mapping[str, object]) -> CodeType:
    """The code with marks replaced by values, in everything nested in it too."""
    return code.replace(co_consts=tuple(_value(each, values) for each in code.co_consts))


def _value(constant: object, values: Mapping[str, object]) -> object:
    if isinstance(constant, CodeType):
        return filled(constant, values)
    if type(constant) is int and 0 <= constant - _MARKS < len(_NAMES):
        return values[_NAMES[constant - _MARKS]]
    if isinstance(constant, tuple | frozenset):
        return type(constant)(_value(each, values) for each in constant)
    return constant
