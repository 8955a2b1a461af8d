"""Honest solutions, right or wrong, get their score and are never called tampered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stagerun import Candidate, Judgement, Task
from stagerun_evaluators.judge import Local

from .attacks import task

Judge = Callable[..., Judgement]


def test_a_right_solution_passes_with_the_full_score(judged: Judge) -> None:
    found = judged("def add(a, b): return a + b")
    assert (found.verdict, found.score) == ("passed", 1.0)
    assert found.passed == {"test_small", "test_large"}


def test_a_solution_that_passes_half_the_tests_gets_compiling_and_half_the_rest(judged: Judge) -> None:
    found = judged("def add(a, b): return 3")
    assert found.verdict == "failed"
    assert found.score == pytest.approx(0.1 + (0.7 + 0.1 + 0.1) / 2)
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
    "a logger that looks for its caller": (
        "import logging\nlog = logging.getLogger(__name__)\ndef f():\n    log.error('x', stack_info=True)\n    return 1",
        "1",
    ),
    "the stack looked at while it is imported": (
        "import inspect, sys\nDEEP = len(inspect.stack())\nNAME = sys._getframe().f_code.co_name\ndef f(): return NAME",
        "'<module>'",
    ),
    "a stack in words": ("import traceback\ndef f(): return len(traceback.format_stack()) > 0", "True"),
    "the arity of a function": ("def g(a, b): return a\ndef f(): return g.__code__.co_argcount", "2"),
    "the state of a generator": (
        "import inspect\ndef g(): yield 1\ndef f(): return inspect.getgeneratorstate(g())",
        "'GEN_CREATED'",
    ),
    "a traceback in words": (
        "import traceback\ndef f():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n"
        "        return 'ZeroDivisionError' in traceback.format_exc()",
        "True",
    ),
    "a decorator with wraps and a cache": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n    def h(*a): return g(*a)\n    return h\n"
        "@d\n@functools.lru_cache\ndef f(): return 1",
        "1",
    ),
    "its own module patched": (
        "import sys\ndef g(): return 1\nsys.modules[__name__].g = lambda: 2\ndef f(): return g()",
        "2",
    ),
    "its own function's defaults changed": ("def f(x=1): return x\nf.__defaults__ = (2,)", "2"),
    "its own function's code changed": ("def f(): return 1\nf.__code__ = (lambda: 2).__code__", "2"),
    "mocks of its own": (
        "from unittest import mock\ndef f():\n    m = mock.Mock(return_value=3)\n    return m(1)",
        "3",
    ),
    "a builtin patched for a moment": (
        "from unittest import mock\ndef f():\n    with mock.patch('builtins.input', return_value='x'): return input()",
        "'x'",
    ),
    "a path of its own": ("import sys\nsys.path.insert(0, '.')\ndef f(): return 1", "1"),
    "a signal handler": (
        "import signal\nold = signal.signal(signal.SIGALRM, lambda *_: None)\ndef f(): return signal.getsignal(signal.SIGALRM) is not old",
        "True",
    ),
    "multiprocessing": (
        "import multiprocessing\ndef g(x): return x * x\ndef f():\n    with multiprocessing.get_context('fork').Pool(2) as p:"
        "\n        return p.map(g, [1, 2])",
        "[1, 4]",
    ),
    "a garbage collection": (
        "import gc\ndef f():\n    gc.disable()\n    gc.enable()\n    return gc.collect() >= 0",
        "True",
    ),
    "weak references": (
        "import weakref\nclass A: pass\ndef f():\n    a = A()\n    r = weakref.ref(a)\n    del a\n    return r() is None",
        "True",
    ),
    "abstract classes and protocols": (
        "from abc import ABC, abstractmethod\nfrom typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n"
        "    def g(self): ...\nclass A(ABC):\n    @abstractmethod\n    def g(self): ...\nclass B(A):\n    def g(self): return 1\n"
        "def f(): return isinstance(B(), P)",
        "True",
    ),
    "an ordered class": (
        "from functools import total_ordering\n@total_ordering\nclass V:\n    def __init__(self, x): self.x = x\n"
        "    def __eq__(self, o): return self.x == (o.x if isinstance(o, V) else o)\n"
        "    def __lt__(self, o): return self.x < (o.x if isinstance(o, V) else o)\ndef f(): return V(2)",
        "2",
    ),
    "an equality without case": (
        "class S(str):\n    def __eq__(self, o): return isinstance(o, str) and self.lower() == o.lower()\n"
        "    __hash__ = str.__hash__\ndef f(): return S('ABC')",
        "'abc'",
    ),
    "numbers that go round": (
        "class M:\n    def __init__(self, x): self.x = x % 7\n    def __eq__(self, o): return self.x == (o.x if isinstance(o, M) else o % 7)\n"
        "def f(): return M(10)",
        "3",
    ),
    "context variables and generators": (
        "import contextvars\nv = contextvars.ContextVar('v', default=1)\ndef g():\n    x = yield 1\n    yield x\n"
        "def f():\n    i = g()\n    next(i)\n    return i.send(v.get())",
        "1",
    ),
    "doctests run at import": (
        'import doctest\ndef f():\n    """\n    >>> f()\n    1\n    """\n    return 1\ndoctest.testmod()',
        "1",
    ),
    "a test of its own": (
        "def f(): return 1\ndef test_f(): assert f() == 1\nimport unittest\nclass T(unittest.TestCase): pass",
        "1",
    ),
    "asserts of its own": ("def f(x=1):\n    assert x == 1, 'one'\n    return x", "1"),
    "exceptions in groups": (
        "def f():\n    try:\n        raise ExceptionGroup('g', [ValueError(1)])\n    except* ValueError:\n        pass\n    return 1",
        "1",
    ),
    "type checking imports": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nowhere\ndef f(): return 1",
        "1",
    ),
    "an import that may be missing": (
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None\ndef f(): return numpy is None",
        "True",
    ),
    "pickles of its own classes": (
        "import pickle\nclass A:\n    x = 1\ndef f(): return pickle.loads(pickle.dumps(A())).x",
        "1",
    ),
    "a handler for what is raised": ("import sys\nsys.excepthook = lambda *a: None\ndef f(): return 1", "1"),
    "an exit handler": ("import atexit\natexit.register(print, 'bye')\ndef f(): return 1", "1"),
    "a finaliser": ("class A:\n    def __del__(self): pass\na = A()\na.me = a\ndel a\ndef f(): return 1", "1"),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_is_never_called_tampered(judged: Judge, name: str) -> None:
    code, expected = HONEST[name]
    result = "list(f())" if name == "a generator" else "f()"
    wanted = "[0, 1, 2]" if name == "a generator" else expected
    tests = f"from solution import f\ndef test_it():\n    assert {result} == {wanted}\n"
    found = judged(code, tests, checks=["compile", "test"])
    assert (found.verdict, found.detail) == ("passed", "")


SUITES = {
    "fixtures, parameters and marks": """
import pytest
from solution import f
@pytest.fixture(params=[1, 2])
def n(request): return request.param
@pytest.fixture
def made():
    yield [f()]
@pytest.mark.parametrize("x", [1, 1.0, True], ids=["a", "b", None])
@pytest.mark.slow
def test_many(x, n, made):
    assert made == [x] or n > 2
""",
    "pytest's own fixtures": """
import os
from solution import f
def test_them(tmp_path, monkeypatch, capsys, caplog, recwarn, request):
    monkeypatch.setenv("X", "1")
    monkeypatch.setattr("builtins.input", lambda *_: "typed")
    monkeypatch.setattr("os.getcwd", lambda: "elsewhere")
    (tmp_path / "a").write_text("b")
    print(f(), end="")
    assert capsys.readouterr().out == "1"
    assert os.getcwd() == "elsewhere"
""",
    "mocks": """
from unittest import mock
import random, solution
from unittest.mock import patch, ANY
@patch("random.randint", return_value=4)
def test_patched(randint):
    assert random.randint(1, 2) == 4
    assert [solution.f(), 2] == [ANY, 2]
@patch("builtins.print")
def test_printed(printed):
    print("x")
    printed.assert_called_once_with("x")
def test_object():
    with mock.patch.object(solution, "f", return_value=9) as f:
        assert solution.f(1) == 9
    f.assert_called_once_with(1)
""",
    "unittest with everything": """
import unittest
from solution import f
def setUpModule(): global ready; ready = True
class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.n = f()
    def setUp(self):
        self.x = 1
        self.addCleanup(lambda: None)
    def tearDown(self): self.x = 0
class MyTest(Base):
    maxDiff = None
    def test_it(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertEqual(f(), self.x, msg="no")
        with self.assertRaises(TypeError) as caught: f(1, 2)
        self.assertIn("f()", str(caught.exception))
        self.assertTrue(ready); self.assertIsNone(None); self.assertAlmostEqual(f() / 3, 0.3333333, places=5)
        self.assertRaisesRegex(TypeError, "f", f, 1, 2)
        self.assertDictEqual({1: f()}, {1: 1}); self.assertCountEqual([f()], [1])
class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self): self.y = 1
    async def test_async(self): self.assertEqual(f(), self.y)
if __name__ == "__main__": unittest.main()
""",
    "classes, errors and closeness": """
import math, pytest
from solution import f
class Anything:
    def __eq__(self, other): return True
class TestF:
    def setup_method(self): self.x = 1
    def test_a(self): assert f() == self.x
    @staticmethod
    def test_c(): assert f() == pytest.approx(1.0 + 1e-9) and math.isclose(f(), 1)
    def test_d(self): assert Anything() == f() and [Anything()] == [f()]
class TestOuter:
    class TestInner:
        def test_b(self):
            with pytest.raises(TypeError, match="f"): f(1, 2)
            with pytest.warns(UserWarning): import warnings; warnings.warn("x")
""",
    "a generator of parameters and a helper": """
from solution import f
def pytest_generate_tests(metafunc):
    if "k" in metafunc.fixturenames: metafunc.parametrize("k", range(3))
def test_k(k): assert f() + k == 1 + k
def test_caught():
    try:
        assert f() == 2
    except AssertionError:
        pass
STATE = []
def test_state():
    STATE.append(1)
    assert len(STATE) == 1
def test_skipped_by_the_task(): assert f()
""",
    "a skipped test is the task's own doing": """
import pytest, unittest
from solution import f
@pytest.mark.skip(reason="later")
def test_later(): assert f() == 2
def test_now(): assert f() == 1
""",
    "fixtures by name, and subtests": """
import pytest
from solution import f
@pytest.fixture
def one(request):
    request.addfinalizer(lambda: None)
    yield 1
@pytest.fixture(scope="session")
def folder(tmp_path_factory): return tmp_path_factory.mktemp("x")
def test_by_name(request, folder, subtests):
    for name in ("one",):
        with subtests.test(name=name):
            assert request.getfixturevalue(name) == f()
    assert folder.exists()
""",
    "star imports and names of builtins": """
from solution import *
def sum(*xs): return 7
def test_it():
    assert f() == 1 and sum(1) == 7 and abs(-f()) == 1
""",
}


@pytest.mark.parametrize("name", SUITES)
def test_every_kind_of_pytest_s_tests_passes_a_right_solution(judged: Judge, name: str) -> None:
    found = judged("def f():\n    return 1\n", SUITES[name])
    assert (found.verdict, found.score, found.detail) == ("passed", 1.0, "")


FAILING = {
    "a subtest of pytest's": "def test_it(subtests):\n    with subtests.test('x'):\n        assert f() == 2\n",
    "a subtest of unittest's": "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n"
    "        with self.subTest(x=1):\n            self.assertEqual(f(), 2)\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef x(): assert f() == 2\ndef test_it(x): pass\n",
    "the end of a fixture": "import pytest\n@pytest.fixture\ndef x():\n    yield\n    assert f() == 2\ndef test_it(x): pass\n",
    "a tearDown": "import unittest\nclass T(unittest.TestCase):\n    def tearDown(self): self.assertEqual(f(), 2)\n    def test_it(self): pass\n",
    "an expected failure": "import unittest\nclass T(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_it(self): self.assertEqual(f(), 2)\n",
    "a success that was not expected": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert f() == 1\n",
    "a coroutine that nobody awaits": "async def test_it(): assert f() == 1\n",
}


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_anywhere_in_a_test_fails_it(judged: Judge, name: str) -> None:
    found = judged("def f():\n    return 1\n", f"from solution import f\n{FAILING[name]}", checks=["compile", "test"])
    assert (found.verdict, found.passed) == ("failed", frozenset())


def test_tests_come_as_files_with_a_conftest_and_helpers(local: Local) -> None:
    files = {
        "tests/conftest.py": "import pytest\n@pytest.fixture\ndef one(): return 1\n",
        "tests/helpers.py": "def same(a, b): assert a == b\n",
        "tests/__init__.py": "",
        "tests/test_a.py": "from pkg.core import f\nfrom .helpers import same\ndef test_a(one): same(f(), one)\n",
        "tests/more/b_test.py": "import json, pathlib\nfrom pkg import f\n"
        "def test_b(one): assert json.loads((pathlib.Path(__file__).parents[1] / 'data.json').read_text()) == f()\n",
        "tests/data.json": "1",
    }
    given = Task(id="pkg", language="python", entry="src/pkg/core.py", files=files)
    code = {"src/pkg/__init__.py": "from .core import f as f\n", "src/pkg/core.py": "def f() -> int:\n    return 1\n"}
    found = local.judge([Candidate(given, files=code)])[0]
    assert (found.verdict, found.detail) == ("passed", "")
    assert found.passed == {"tests/test_a.py::test_a", "tests/more/b_test.py::test_b"}


def test_a_set_has_the_same_order_in_every_run(judged: Judge) -> None:
    code = "def f(): return list({'a', 'b', 'c', 'd', 'e'})"
    seen = judged(code, "from solution import f\ndef test_it():\n    raise Exception(f())").detail
    assert all(
        judged(code, "from solution import f\ndef test_it():\n    raise Exception(f())").detail == seen
        for _ in range(3)
    )
