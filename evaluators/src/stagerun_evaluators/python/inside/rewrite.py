"""Puts guards into a task's tests: around what is compared or asserted, and a message where an assertion has none.

Works on the syntax tree, before any candidate is loaded. The guards themselves are in `guard`; `seal` bakes them in.
"""

from __future__ import annotations

import ast
import secrets

GUARD, TURN, FIRM, BARE, TOLD = "__guard__", "__turn__", "__firm__", "__bare__", "__told__"
SAME, DIFFER, PAIR, LESS, HOLDER = "__same__", "__differ__", "__pair__", "__less__", "__holder__"
NAMES = (GUARD, TURN, FIRM, BARE, TOLD, SAME, DIFFER, PAIR, LESS, HOLDER)
_RAISING = ("raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns", "assertWarnsRegex", "assertLogs")
_FREE = ("ANY", "approx")  # made by the tests to equal many things
_LONGEST = 160


def guarded(tree: ast.Module, text: str) -> ast.Module:
    """The same tree, with guards; `text` is what it was made from."""
    _Guarding(text.split("\n")).visit(tree)
    return ast.fix_missing_locations(tree)


def with_canary(tree: ast.Module, name: str) -> None:
    """Add a test that must fail, somewhere after the imports."""
    canary = ast.parse(f"def {name}():\n    assert 1 == 2\n").body[0]
    first = max((at + 1 for at, node in enumerate(tree.body) if _early(at, node)), default=0)
    tree.body.insert(first + secrets.randbelow(len(tree.body) - first + 1), canary)


def _early(at: int, node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom) or (at == 0 and isinstance(node, ast.Expr))


def invertible(tree: ast.Module) -> bool:
    """Whether an assertion that fails always ends its test: none stands where what it raises could be caught."""
    catching = (node for node in ast.walk(tree) if isinstance(node, ast.Try | ast.With | ast.AsyncWith))
    return not any(isinstance(inner, ast.Assert) for node in catching for inner in ast.walk(node))


class _Guarding(ast.NodeTransformer):
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        left, (*_, right) = node.left, node.comparators
        alone = len(node.comparators) == 1
        if alone and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return _compared(node, left, right)
        node.left = _through(left, right if alone and _plain(right) else None)
        literal = left if alone and _plain(left) else None
        node.comparators = [
            _holder(operand) if isinstance(op, ast.In | ast.NotIn) else _through(operand, literal)
            for op, operand in zip(node.ops, node.comparators, strict=True)
        ]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Sub):  # `abs(found - 3) < 1e-6`
            left, right = node.left, node.right
            node.left = left if _plain(left) else _call(LESS, [left, right] if _plain(right) else [left], left)
            node.right = right if _plain(right) else _call(LESS, [right, left] if _plain(left) else [right], right)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr.startswith(("assert", "fail")):
            node.func.value = _call(BARE, [node.func.value], node)
            node.args = [_through(each) for each in node.args]
            if len(node.args) > 1 and not any(isinstance(each, ast.Starred) or _free(each) for each in node.args[:2]):
                pair = _call(PAIR, [*node.args[:2], ast.Constant(node.func.attr)], node)
                node.args[:2] = [ast.copy_location(ast.Starred(pair, ast.Load()), node)]
            for keyword in node.keywords:
                keyword.value = _through(keyword.value)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        text = ast.Constant(self._text(node.test))
        self.generic_visit(node)
        if node.msg is None:
            seen = any(isinstance(each, ast.Name) and each.id in (GUARD, SAME, DIFFER) for each in ast.walk(node.test))
            node.msg = ast.copy_location(_call(TOLD, [text], node) if seen else text, node)
        before = ast.copy_location(ast.BoolOp(ast.Or(), [_call(FIRM, [], node), node.test]), node)
        node.test = _call(TURN, [before], node)  # `firm` says None, so the value is that of the test
        return node

    def _text(self, node: ast.expr) -> str:
        last = node.end_col_offset if node.end_lineno == node.lineno else None
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        return line.encode()[node.col_offset : last].decode("utf-8", "replace")[:_LONGEST]

    def visit_With(self, node: ast.With) -> ast.AST:
        self.generic_visit(node)
        if any(_raising(item.context_expr) for item in node.items):
            sure = ast.copy_location(ast.Expr(_call(FIRM, [], node)), node)
            node.body = [ast.copy_location(ast.Try(node.body, [], [], [sure]), node)]
        return node


def _compared(node: ast.Compare, left: ast.expr, right: ast.expr) -> ast.expr:
    """One comparison for equality, made by the guard itself, so that it looks like those with what nobody can know."""
    if _plain(left) and _plain(right):
        return node
    free = ast.Constant((1 if _free(left) else 0) + (2 if _free(right) else 0))
    return _call(SAME if isinstance(node.ops[0], ast.Eq) else DIFFER, [left, right, free], node)


def _holder(operand: ast.expr) -> ast.expr:
    return operand if _plain(operand) else _call(HOLDER, [operand], operand)


def _through(operand: ast.expr, literal: ast.expr | None = None) -> ast.expr:
    if isinstance(operand, ast.Starred | ast.GeneratorExp | ast.Lambda) or _plain(operand) or _free(operand):
        return operand
    return _call(GUARD, [operand] if literal is None else [operand, literal], operand)


def _call(name: str, arguments: list[ast.expr], at: ast.AST) -> ast.Call:
    call = ast.Call(ast.Name(name, ast.Load()), arguments, [])
    return ast.copy_location(call, at)


def _plain(node: ast.expr) -> bool:
    """Whether it is a literal through and through."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(map(_plain, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _plain(node.operand)
    if isinstance(node, ast.Dict):
        return all(key is not None and _plain(key) for key in node.keys) and all(map(_plain, node.values))
    return isinstance(node, ast.Constant)


def _free(node: ast.expr) -> bool:
    """Whether the tests mean it to equal more than one thing."""
    names = {each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in ast.walk(node)}
    return any(name in names for name in _FREE)


def _raising(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) in _RAISING
