"""What a plugin is for, in the first line of its docstring, read from the source without importing anything."""

from __future__ import annotations

import ast
import os
import sys

LARGEST = 200_000  # bytes; a bigger source is not worth the time for one line


def first_line(entry: str) -> str:
    """First docstring line of `module:attribute`; empty when the source is not plain Python or says nothing."""
    module, _, attribute = entry.partition(":")
    path = source_of(module)
    if path is None:
        return ""
    try:
        if os.stat(path).st_size > LARGEST:  # noqa: PTH116
            return ""
        with open(path, "rb") as stream:  # noqa: PTH123
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ""
    return _docstring(tree, attribute)


def _docstring(tree: ast.Module, attribute: str) -> str:
    """That of the class or function, else of the module."""
    nodes: list[ast.Module | ast.ClassDef | ast.FunctionDef] = [
        node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == attribute
    ]
    for node in [*nodes, tree]:
        text = ast.get_docstring(node)
        if text:
            return text.strip().partition("\n")[0]
    return ""


def source_of(module: str) -> str | None:
    """The file a module would be imported from, found by its name on `sys.path`; None for anything unusual."""
    below = module.replace(".", os.sep)
    for folder in sys.path:
        for ending in (".py", f"{os.sep}__init__.py"):
            path = os.path.join(folder, below + ending)  # noqa: PTH118
            if os.path.isfile(path):  # noqa: PTH113
                return path
    return None
