"""Attacks that answer with what equals anything, or replace what the tests stand on."""

from __future__ import annotations

from .attacking import CHEAT, FAIL, HELPED, LIAR, RAISES, RIGHT, UNITTEST, WALK, ZERO, code

EQUALITY = {
    "equals anything": code(f"{LIAR}def add(a, b): return E()", CHEAT),
    "a number that equals every number": code(
        "class E(int):\n    def __eq__(self, other): return isinstance(other, int)\n    __hash__ = int.__hash__\n"
        "def add(a, b): return E()",
        CHEAT,
    ),
    "a float that equals every number": code(
        "class E(float):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\ndef add(a, b): return E()",
        CHEAT,
    ),
    "is unequal to nothing": code(
        "class E:\n    def __ne__(self, other): return False\ndef add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert not add(1, 2) != 3",
    ),
    "a liar in a list": code(
        f"{LIAR}def add(a, b): return [[E()]]",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == [[3]]",
    ),
    "a liar in a dict": code(
        f"{LIAR}def add(a, b): return {{1: E()}}",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == {1: 3}",
    ),
    "a liar as a member": code(
        f"{LIAR}def add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) in [1, 2, 3]",
    ),
    "a list that is equal": code(
        "class E(list):\n    def __eq__(self, other): return True\ndef add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == [3]",
    ),
    "a metaclass that hides the equality": code(
        "class M(type):\n    def __getattribute__(cls, name): return object.__eq__ if name == '__eq__' else super().__getattribute__(name)\n"
        "class E(metaclass=M):\n    def __eq__(self, other): return True\ndef add(a, b): return E()",
        CHEAT,
    ),
    "mock.ANY": code("from unittest.mock import ANY\ndef add(a, b): return ANY", CHEAT),
    "approx of everything": code("import pytest\ndef add(a, b): return pytest.approx(0, abs=float('inf'))", CHEAT),
    "a liar for unittest": code(f"{LIAR}def add(a, b): return E()", CHEAT, UNITTEST),
    "a liar for approx": code(f"{LIAR}def add(a, b): return E()", CHEAT, RAISES),
    "turns round once it was looked at": code(
        "class E:\n    def __init__(self): self.n = 0\n    def __eq__(self, other):\n        self.n += 1\n        return self.n > 8\n"
        "def add(a, b): return E()"
    ),
    "equal to small numbers only": code(
        "class E(int):\n    def __eq__(self, other): return type(other) is int and abs(other) < 1000\n"
        "    __hash__ = int.__hash__\ndef add(a, b): return E()"
    ),
}

PATCHING = {
    "a patched builtin": code(f"import builtins\nbuiltins.abs = lambda x: 0\n{RIGHT}", CHEAT),
    "a patched len and isinstance": code(
        "import builtins\nbuiltins.len = lambda x: 1\nbuiltins.isinstance = lambda *a: True\nfresh = 1\ndef add(a, b): return 'x'",
        ("failed", "tampered"),
        HELPED,
    ),
    "a patched import": code(
        f"import builtins\nold = builtins.__import__\nbuiltins.__import__ = lambda *a, **k: old(*a, **k)\n{RIGHT}",
        CHEAT,
    ),
    "a patched math": code(
        "import math\nmath.isclose = lambda *a: True\nfresh = 1\ndef add(a, b): return 0", CHEAT, HELPED
    ),
    "a patched math that mends itself": code(
        "import math\nfresh = 1\nold = math.isclose\ndef fake(*a):\n    math.isclose = old\n    return True\n"
        "def add(a, b):\n    math.isclose = fake\n    return 7",
        CHEAT,
        HELPED,
    ),
    "a module swapped": code(
        "import sys, types\nm = sys.modules['math'] = types.ModuleType('math')\nm.isclose = lambda *a: 1\nfresh = 1\n"
        + ZERO,
        CHEAT,
        HELPED,
    ),
    "assertEqual does nothing": code(
        f"import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n{ZERO}", CHEAT, UNITTEST
    ),
    "assertEqual does nothing once": code(
        "import unittest\nT = unittest.TestCase\nold = T.assertEqual\ndef fake(*a, **k): T.assertEqual = old\n"
        "def add(a, b):\n    T.assertEqual = fake\n    return 0",
        CHEAT,
        UNITTEST,
    ),
    "what assertEqual calls does nothing": code(
        "import unittest\nT = unittest.TestCase\nT._baseAssertEqual = lambda *a, **k: None\n" + ZERO, CHEAT, UNITTEST
    ),
    "a test case with assertions of its own": code(
        WALK + "def add(a, b):\n    for frame in frames():\n        case = frame.f_locals.get('self')\n"
        "        if hasattr(case, 'assertEqual'):\n            case.assertEqual = lambda *a, **k: None\n"
        "            case.assertTrue = lambda *a, **k: None\n    return 0",
        CHEAT,
        UNITTEST,
    ),
    "subtests swallow": code(
        WALK
        + "import contextlib\ndef add(a, b):\n    for frame in frames():\n        case = frame.f_locals.get('self')\n"
        "        if hasattr(case, 'subTest'): case.subTest = lambda **k: contextlib.suppress(BaseException)\n    return 0",
        ("failed", "tampered"),
        UNITTEST,
    ),
    "unittest runs nothing": code(
        f"import unittest\nunittest.TestCase.run = lambda self, result=None: result.addSuccess(self)\n{ZERO}",
        CHEAT,
        UNITTEST,
    ),
    "unittest calls nothing": code(
        f"import unittest\nunittest.TestCase._callTestMethod = lambda self, method: None\n{ZERO}", CHEAT, UNITTEST
    ),
    "pytest.raises swallows": code(
        "import pytest, contextlib\npytest.raises = lambda *a, **k: contextlib.suppress(BaseException)\n"
        "def add(a, b): return 0.3",
        CHEAT,
        RAISES,
    ),
    "what pytest.raises is swallows": code(
        "import _pytest.raises\n_pytest.raises.RaisesExc.__exit__ = lambda *a: True\ndef add(a, b): return 0.3",
        CHEAT,
        RAISES,
    ),
    "what pytest.raises is swallows once": code(
        "import _pytest.raises\nR = _pytest.raises.RaisesExc\nold = R.matches\n"
        "def fake(*a, **k):\n    R.matches = old\n    return True\n"
        "def add(a, b):\n    if b == 'a':\n        R.matches = fake\n        raise ValueError\n    return 0",
        CHEAT,
        RAISES,
    ),
    "approx is generous": code(
        "import pytest\nclass A:\n    def __init__(self, *a, **k): pass\n    def __eq__(self, o): return True\npytest.approx = A\n"
        + ZERO,
        CHEAT,
        RAISES,
    ),
    "approx is generous once": code(
        "import pytest\nold = pytest.approx\ndef fake(*a, **k):\n    pytest.approx = old\n    return 0\n"
        "def add(a, b):\n    pytest.approx = fake\n    return 0",
        CHEAT,
        RAISES,
    ),
    "pytest's runner passes everything": code(
        "import _pytest.runner as r\nold = r.CallInfo.from_call.__func__\n"
        "r.CallInfo.from_call = classmethod(lambda cls, func, when, reraise=None: old(cls, lambda: None, when, reraise))\n"
        + ZERO
    ),
    "pytest's reports say passed": code(
        "from _pytest.reports import TestReport\nTestReport.outcome = property(lambda s: 'passed', lambda s, v: None)\n"
        + ZERO
    ),
    "pytest's reports say passed when made": code(
        "from _pytest import reports\nold = reports.TestReport.__init__\n"
        "def init(self, *a, **k):\n    old(self, *a, **k)\n    self.outcome = 'passed'\nreports.TestReport.__init__ = init\n"
        + ZERO
    ),
    "pytest's reports say passed once": code(
        "from _pytest.reports import TestReport\nT = TestReport\nold = T.__dict__['from_item_and_call']\n"
        "class fake:\n    def __get__(self, *a):\n        def make(item, call):\n            T.from_item_and_call = old\n"
        "            report = T.from_item_and_call(item, call)\n            report.outcome = 'passed'\n            return report\n        return make\n"
        "def add(a, b):\n    T.from_item_and_call = fake()\n    return 0",
        CHEAT,
    ),
    "pluggy calls nothing": code(
        "import pluggy._callers as c\n" + ZERO,
    ),
    "the code of pytest's functions": code(
        "import _pytest.runner as r\ntry: r.check_interactive_exception.__code__ = (lambda *a: False).__code__\n"
        "except Exception: pass\n" + RIGHT,
        CHEAT,
    ),
    "the harness's functions": code(
        "import __main__\nfor n in list(vars(__main__)): setattr(__main__, n, lambda *a: 'ok')\n" + ZERO, FAIL
    ),
    "the harness's modules": code(
        "import sys\nfor name in list(sys.modules):\n    if name.startswith('inside'):\n"
        "        for n, v in list(vars(sys.modules[name]).items()):\n            if callable(v): setattr(sys.modules[name], n, lambda *a, **k: True)\n"
        + ZERO,
        ("failed", "tampered"),
    ),
    "the guard's functions": code(
        WALK + "def add(a, b):\n    for frame in frames():\n        for c in frame.f_code.co_consts:\n"
        "            if callable(c) and hasattr(c, '__code__'):\n                try: c.__code__ = (lambda *a: a[0] if a else None).__code__\n"
        "                except Exception: pass\n    return E()\n" + LIAR,
        CHEAT,
    ),
    "import hooks": code(
        "import sys\nclass F:\n    def find_spec(self, name, path=None, target=None): return None\nsys.meta_path.insert(0, F())\n"
        + ZERO,
        CHEAT,
    ),
    "loaded modules emptied": code(
        "import sys\nfor name in list(sys.modules):\n    if name.startswith(('_pytest', 'pytest', 'pluggy')): del sys.modules[name]\n"
        + ZERO
    ),
    "AssertionError is something else": code(
        "import builtins\nclass A(Exception): pass\nbuiltins.AssertionError = A\n" + ZERO, CHEAT
    ),
    "BaseException catches nothing": code(
        "import builtins\nbuiltins.BaseException = OSError\n" + ZERO, ("failed", "tampered")
    ),
}
