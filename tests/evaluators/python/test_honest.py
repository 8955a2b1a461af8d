"""Honest solutions, right or wrong, get their score and are never called tampered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local

from ..conftest import task

Judge = Callable[..., Judgement]


def test_a_right_solution_passes_with_the_full_score(judged: Judge) -> None:
    found = judged("def add(a, b): return a + b")
    assert (found.verdict, found.score) == ("passed", 1.0)
    assert found.passed == {"test_small", "test_large"}


def test_a_solution_that_passes_half_the_tests_gets_compiling_and_half_the_rest(judged: Judge) -> None:
    found = judged("def add(a, b): return 3")
    assert found.verdict == "failed"
    assert found.score == pytest.approx(0.1 + 0.9 / 2)
    assert found.passed == {"test_small"}
    assert found.failed == {"test_large"}


def test_a_solution_that_only_compiles_gets_the_weight_of_compiling(judged: Judge) -> None:
    assert judged("def add(a, b): return None").score == pytest.approx(0.1)


def test_a_syntax_error_scores_nothing_and_says_where(judged: Judge) -> None:
    found = judged("def add(a, b) return a + b")
    assert (found.verdict, found.score) == ("failed", 0.0)
    assert "line 1" in found.detail


def test_a_solution_without_the_wanted_function_fails_every_test(judged: Judge) -> None:
    found = judged("def plus(a, b): return a + b")
    assert found.verdict == "failed"
    assert found.failed == {"test_small", "test_large"}
    assert "cannot import name 'add'" in found.detail


def test_an_exception_is_told_with_its_test(judged: Judge) -> None:
    assert "test_small: ZeroDivisionError" in judged("def add(a, b): return a / 0").detail


def test_300_kb_of_output_on_both_streams_does_not_disturb_the_verdict(judged: Judge) -> None:
    code = "import sys\nprint('x' * 300_000)\nprint('y' * 300_000, file=sys.stderr)\ndef add(a, b): return a + b"
    assert judged(code).verdict == "passed"


def test_a_candidate_of_several_files_may_import_its_own(local: Local) -> None:
    files = {"solution.py": "from helper import plus as add", "helper.py": "def plus(a, b): return a + b"}
    assert local.judge([Candidate(task(), files=files)])[0].verdict == "passed"


HONEST = {
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
        "(1, 2)",
    ),
    "a counter": ("from collections import Counter\ndef f(): return Counter('aab')", "{'a': 2, 'b': 1}"),
    "a fraction": ("from fractions import Fraction\ndef f(): return Fraction(1, 2)", "0.5"),
    "a decimal": ("from decimal import Decimal\ndef f(): return Decimal('0.5')", "0.5"),
    "an enum of ints": ("from enum import IntEnum\nclass E(IntEnum):\n    A = 1\ndef f(): return E.A", "1"),
    "a defaultdict": ("from collections import defaultdict\ndef f(): return defaultdict(list, {1: [2]})", "{1: [2]}"),
    "a class with an equality of its own": (
        "class V:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return getattr(o, 'x', o) == self.x\n"
        "def f(): return V(3)",
        "3",
    ),
    "an equality that raises for strangers": (
        "class V:\n    def __eq__(self, o): return o.real == 3\ndef f(): return V()",
        "3",
    ),
    "nan in a list": ("def f(): return [float('inf')]", "[float('inf')]"),
    "a set of tuples": ("def f(): return {(1, 2), (3, 4)}", "{(3, 4), (1, 2)}"),
    "a generator": ("def f():\n    yield from range(3)", "f()"),
    "deep recursion that is caught": (
        "def g(): return g()\ndef f():\n    try: g()\n    except RecursionError: return 1",
        "1",
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f():\n    with ThreadPoolExecutor(4) as p: return sum(p.map(int, '1234'))",
        "10",
    ),
    "a child process": (
        "import subprocess\ndef f(): return subprocess.run(['echo', 'hi'], capture_output=True, text=True).stdout",
        "'hi\\n'",
    ),
    "a file of its own": ("def f():\n    open('a.txt', 'w').write('b')\n    return open('a.txt').read()", "'b'"),
    "redirected output": (
        "import contextlib, io\ndef f():\n    with contextlib.redirect_stdout(io.StringIO()) as s: print(1)\n"
        "    return s.getvalue()",
        "'1\\n'",
    ),
    "dataclasses and type hints": (
        "from __future__ import annotations\nfrom dataclasses import dataclass, field\nfrom typing import NamedTuple\n"
        "@dataclass\nclass D:\n    x: list[int] = field(default_factory=list)\n"
        "class N(NamedTuple):\n    a: int\ndef f(): return (D().x, N(1))",
        "([], (1,))",
    ),
    "logging and warnings": (
        "import logging, warnings\ndef f():\n    logging.warning('a')\n    warnings.warn('b')\n    return 1",
        "1",
    ),
    "a main guard": ("def f(): return 1\nif __name__ == '__main__':\n    import sys\n    sys.exit(f())", "1"),
    "reading an empty stdin": ("import sys\nREST = sys.stdin.read()\ndef f(): return REST", "''"),
    "a temporary file": (
        "import tempfile\ndef f():\n    with tempfile.TemporaryFile() as t: return t.write(b'abc')",
        "3",
    ),
    "asyncio": ("import asyncio\nasync def g(): return 1\ndef f(): return asyncio.run(g())", "1"),
    "a seeded choice": ("import random\ndef f():\n    random.seed(1)\n    return random.random() < 1", "True"),
    "exec of generated code": ("s = {}\nexec('def f(): return 1', s)\nf = s['f']", "1"),
    "a raised recursion limit": ("import sys\nsys.setrecursionlimit(5000)\ndef f(): return 1", "1"),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_is_never_called_tampered(judged: Judge, name: str) -> None:
    code, expected = HONEST[name]
    result = "list(f())" if name == "a generator" else "f()"
    wanted = "[0, 1, 2]" if name == "a generator" else expected
    found = judged(code, f"from solution import f\ndef test_it():\n    assert {result} == {wanted}\n")
    assert (found.verdict, found.detail) == ("passed", "")


def test_a_set_has_the_same_order_in_every_run(judged: Judge) -> None:
    code = "def f(): return list({'a', 'b', 'c', 'd', 'e'})"
    seen = judged(code, "from solution import f\ndef test_it():\n    raise Exception(f())").detail
    assert all(
        judged(code, "from solution import f\ndef test_it():\n    raise Exception(f())").detail == seen
        for _ in range(3)
    )
