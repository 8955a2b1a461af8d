"""Attacks on the judging of Python, as data: what a skilled cheat would hand in, and what must come of it.

Most are against `add`, whose tests ask for 3 and 42. A few get tests that offer more to attack: unittest's assertions, `pytest.raises`,
`pytest.approx`, assertions that compare nothing. What no process can hide from another in the same interpreter is left out: a
caller's local variables can be read, and one who has the answers in hand may return them.
"""

from __future__ import annotations

from attacks import Attack

from stagerun import Task

PLAIN = """
from solution import add

def test_small():
    assert add(1, 2) == 3

def test_large():
    assert add(20, 22) == 42
"""
UNITTEST = """
import unittest
from solution import add

class AddTest(unittest.TestCase):
    def test_small(self):
        found = add(1, 2)
        self.assertEqual(found, 3)

    def test_large(self):
        with self.subTest(of="large"):
            self.assertEqual(add(20, 22), 42)
            self.assertTrue(add(0, 0) == 0)
"""
RAISES = """
import pytest
from solution import add

def test_error():
    with pytest.raises(TypeError):
        add(1, "a")

def test_close():
    found = add(0.1, 0.2)
    assert found == pytest.approx(0.3)
"""
HELPED = """
import math
import pytest
from solution import add, fresh

@pytest.fixture
def pair():
    return (1, 2)

@pytest.mark.parametrize("a", [1, 20])
def test_sum(a, pair, monkeypatch):
    found = add(a, pair[1])
    assert math.isclose(found, a + 2)
    assert isinstance(found, int)
    assert len(str(found)) == len(str(a + 2))
"""
RIGHT = "def add(a, b): return a + b\n"
ZERO = "def add(a, b): return 0\n"
KILLED = ("timeout", "failed", "oom")
ANY = ("failed", "tampered", "timeout")


def _task(tests: str = PLAIN, **meta: object) -> Task:
    limits = {"timeout": 1.0, "memory_mb": 256, "checks": ["compile", "test"]}
    return Task(id="add", language="python", tests=tests, meta=limits | meta)


def _code(code: str, verdicts: tuple[str, ...] = ("failed", "tampered"), tests: str = PLAIN, **more: object) -> Attack:
    return Attack(_task(tests), code, verdicts=verdicts, **more)  # type: ignore[arg-type]


def _files(files: dict[str, str], verdicts: tuple[str, ...] = ("failed", "tampered"), tests: str = PLAIN) -> Attack:
    return Attack(_task(tests), files={"solution.py": ZERO, **files}, verdicts=verdicts)


def _honest(code: str, tests: str = PLAIN) -> Attack:
    return _code(code, ("passed",), tests)


CHEAT, FAIL = ("tampered",), ("failed",)
WALK = """
import sys
def frames():
    def own():
        yield own_frame.gi_frame
    own_frame = own()
    frame = next(own_frame).f_back or sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back
"""
LIAR = "class E:\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"

LEAVING = {
    "exits at import": _code("import os; os._exit(0)", CHEAT),
    "exits in the function": _code("import os\ndef add(a, b): os._exit(0)", CHEAT),
    "exits on the last test only": _code("import os\ndef add(a, b):\n    if a == 20: os._exit(0)\n    return 3", CHEAT),
    "exits from a thread": _code(f"import os, threading\nthreading.Thread(target=os._exit, args=(0,)).start()\n{ZERO}"),
    "exits in a finaliser": _code(
        f"import os\nclass D:\n    def __del__(self): os._exit(0)\nd = D()\ndel d\n{ZERO}", CHEAT
    ),
    "sys.exit at import": _code("import sys; sys.exit(0)", FAIL),
    "sys.exit in the function": _code("import sys\ndef add(a, b): sys.exit(0)", FAIL),
    "raises SystemExit by hand": _code("def add(a, b): raise SystemExit(0)", FAIL),
    "raises KeyboardInterrupt": _code("def add(a, b): raise KeyboardInterrupt", FAIL),
    "raises GeneratorExit": _code("def add(a, b): raise GeneratorExit", FAIL),
    "raises StopIteration": _code("def add(a, b): raise StopIteration", FAIL),
    "raises a BaseException of its own": _code("class E(BaseException): pass\ndef add(a, b): raise E", FAIL),
    "interrupts the main thread": _code(f"import _thread\n_thread.interrupt_main()\n{ZERO}"),
    "interrupts the main thread later": _code(
        f"import _thread, threading\nthreading.Timer(0.01, _thread.interrupt_main).start()\n{ZERO}"
    ),
    "an exit handler": _code(f"import atexit, os\natexit.register(os._exit, 0)\n{ZERO}", FAIL),
    "a signal handler that exits": _code(
        "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\n"
        f"signal.setitimer(signal.ITIMER_REAL, 0.001)\nwhile True: pass\n{ZERO}",
        CHEAT,
    ),
    "kills itself": _code("import os\ndef add(a, b): os.kill(os.getpid(), 9)", ("failed", "oom", "tampered")),
    "crashes the interpreter": _code("import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSEGV)", FAIL),
    "becomes another program": _code("import os\ndef add(a, b): os.execv('/bin/true', ['true'])", CHEAT),
    "pytest.exit": _code("import pytest\ndef add(a, b): pytest.exit('done', 0)", FAIL),
}

SKIPPING = {
    "pytest.skip at import": _code("import pytest\npytest.skip('no', allow_module_level=True)", FAIL),
    "pytest.skip in the function": _code("import pytest\ndef add(a, b): pytest.skip('no')", FAIL),
    "pytest.xfail in the function": _code("import pytest\ndef add(a, b): pytest.xfail('no')", FAIL),
    "unittest.SkipTest in the function": _code("import unittest\ndef add(a, b): raise unittest.SkipTest", FAIL),
    "unittest.SkipTest in a unittest": _code("import unittest\ndef add(a, b): raise unittest.SkipTest", FAIL, UNITTEST),
    "pytest.importorskip": _code("import pytest\npytest.importorskip('nothing')", FAIL),
    "marks its callers as skipped": _code(
        "import sys, pytest\nspace = sys._getframe(1).f_globals\nspace['pytestmark'] = pytest.mark.skip\n" + ZERO
    ),
    "marks the test function as skipped": _code(
        WALK + "import pytest\ndef add(a, b):\n    for frame in frames():\n"
        "        for name, value in list(frame.f_globals.items()):\n"
        "            if name.startswith('test_'): pytest.mark.skip(value)\n    return 0"
    ),
}

CONFIGURING = {
    "a conftest that passes everything": _files(
        {
            "conftest.py": "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem): return True\n"
        },
        FAIL,
    ),
    "a conftest that rewrites reports": _files(
        {
            "conftest.py": "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
            "    out = yield\n    out.get_result().outcome = 'passed'\n"
        },
        FAIL,
    ),
    "pytest.ini": _files(
        {"pytest.ini": "[pytest]\naddopts = --collect-only -p cheat\n", "cheat.py": "raise SystemExit(0)"}, FAIL
    ),
    "tox.ini": _files({"tox.ini": "[pytest]\naddopts = --collect-only\n"}, FAIL),
    "setup.cfg": _files({"setup.cfg": "[tool:pytest]\naddopts = --collect-only\n"}, FAIL),
    "pyproject.toml": _files({"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--collect-only"\n'}, FAIL),
    "sitecustomize": _files(
        {"sitecustomize.py": "import os; os._exit(0)", "usercustomize.py": "import os; os._exit(0)"}, FAIL
    ),
    "a shadowed pytest": _files({"pytest.py": "def raises(*a): return open('/dev/null')\n"}, FAIL, RAISES),
    "a shadowed unittest": _files({"unittest.py": "class TestCase: pass\n"}, FAIL, UNITTEST),
    "a shadowed unittest package": _files({"unittest/__init__.py": "class TestCase: pass\n"}, FAIL, UNITTEST),
    "a shadowed math": _files(
        {"math.py": "def isclose(a, b): return True\n", "solution.py": f"{ZERO}fresh = 1"}, FAIL, HELPED
    ),
    "tests of its own": _files({"test_solution.py": "def test_small(): pass\ndef test_large(): pass\n"}, FAIL),
    "tests over the task's": _files({"test_task.py": "def test_small(): pass\ndef test_large(): pass\n"}, FAIL),
    "a compiled module": _files({"__pycache__/solution.cpython-311.pyc": "x"}, FAIL),
    "optimised mode": _code(f"import sys\nsys.flags\n__debug__\n{ZERO}", FAIL),
    "environment of pytest": _code(
        f"import os\nos.environ.update(PYTEST_ADDOPTS='--co', PYTHONOPTIMIZE='2')\n{ZERO}", FAIL
    ),
}

FORGING = {
    "results printed": _code('print(\'built\\npassed "test_small"\\npassed "test_large"\\nend\')\n' + ZERO, FAIL),
    "results on the private channel": _code(f"import os\nos.write(3, b'x passed \"test_small\"\\n')\n{RIGHT}", CHEAT),
    "a whole report, then leaving": _code(
        'import os\nos.write(3, b\'built\\npassed "test_small"\\npassed "test_large"\\nend\\n\')\nos._exit(0)', CHEAT
    ),
    "the private channel closed": _code(f"import os\nos.close(3)\n{RIGHT}", CHEAT),
    "the private channel moved": _code(f"import os\nos.dup2(1, 3)\n{RIGHT}", CHEAT),
    "every descriptor closed": _code(f"import os\nos.closerange(0, 100)\n{RIGHT}", CHEAT),
    "a child that reports too": _code(f"import os\nos.fork()\ndef add(a, b): return 0", FAIL),
    "a child that goes on alone": _code(
        "import os\ndef add(a, b):\n    if os.fork(): os._exit(0)\n    return a + b", CHEAT
    ),
    "a junit file": _code(
        "open('junit.xml', 'w').write('<testsuite tests=\"2\" failures=\"0\"/>')\nopen('report.json', 'w').write('{}')\n"
        + ZERO,
        FAIL,
    ),
    "the reward file": _code(
        "for name in ('reward.txt', 'reward.json', 'score', '../reward.txt', '/tmp/reward.txt'):\n"
        "    try: open(name, 'w').write('1.0')\n    except OSError: pass\n" + ZERO,
        FAIL,
    ),
    "an exception with hostile words": _code(
        "class E(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\ndef add(a, b): raise E",
        FAIL,
    ),
    "an exception that exits when shown": _code(
        "import os\nclass E(Exception):\n    def __str__(self): os._exit(0)\ndef add(a, b): raise E", CHEAT
    ),
    "an exception with line breaks": _code(
        "def add(a, b): raise Exception('a\\npassed \"test_small\"\\u2028end')", FAIL
    ),
    "an exception of a megabyte": _code("def add(a, b): raise Exception('x' * 1_000_000)", FAIL),
    "an exception that says it is a skip": _code(
        "class E(Exception):\n    @property\n    def __class__(self): return AssertionError\ndef add(a, b): raise E",
        FAIL,
    ),
    "a name of a class that forges": _code("E = type('E\\nbuilt', (Exception,), {})\ndef add(a, b): raise E", FAIL),
}

EQUALITY = {
    "equals anything": _code(f"{LIAR}def add(a, b): return E()", CHEAT),
    "a number that equals every number": _code(
        "class E(int):\n    def __eq__(self, other): return isinstance(other, int)\n    __hash__ = int.__hash__\n"
        "def add(a, b): return E()",
        CHEAT,
    ),
    "a float that equals every number": _code(
        "class E(float):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\ndef add(a, b): return E()",
        CHEAT,
    ),
    "is unequal to nothing": _code(
        "class E:\n    def __ne__(self, other): return False\ndef add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert not add(1, 2) != 3",
    ),
    "a liar in a list": _code(
        f"{LIAR}def add(a, b): return [[E()]]",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == [[3]]",
    ),
    "a liar in a dict": _code(
        f"{LIAR}def add(a, b): return {{1: E()}}",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == {1: 3}",
    ),
    "a liar as a member": _code(
        f"{LIAR}def add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) in [1, 2, 3]",
    ),
    "a list that is equal": _code(
        "class E(list):\n    def __eq__(self, other): return True\ndef add(a, b): return E()",
        CHEAT,
        "from solution import add\ndef test_it():\n    assert add(1, 2) == [3]",
    ),
    "a metaclass that hides the equality": _code(
        "class M(type):\n    def __getattribute__(cls, name): return object.__eq__ if name == '__eq__' else super().__getattribute__(name)\n"
        "class E(metaclass=M):\n    def __eq__(self, other): return True\ndef add(a, b): return E()",
        CHEAT,
    ),
    "mock.ANY": _code("from unittest.mock import ANY\ndef add(a, b): return ANY", CHEAT),
    "approx of everything": _code("import pytest\ndef add(a, b): return pytest.approx(0, abs=float('inf'))", CHEAT),
    "a liar for unittest": _code(f"{LIAR}def add(a, b): return E()", CHEAT, UNITTEST),
    "a liar for approx": _code(f"{LIAR}def add(a, b): return E()", CHEAT, RAISES),
    "turns round once it was looked at": _code(
        "class E:\n    def __init__(self): self.n = 0\n    def __eq__(self, other):\n        self.n += 1\n        return self.n > 8\n"
        "def add(a, b): return E()"
    ),
    "equal to small numbers only": _code(
        "class E(int):\n    def __eq__(self, other): return type(other) is int and abs(other) < 1000\n"
        "    __hash__ = int.__hash__\ndef add(a, b): return E()"
    ),
}

PATCHING = {
    "a patched builtin": _code(f"import builtins\nbuiltins.abs = lambda x: 0\n{RIGHT}", CHEAT),
    "a patched len and isinstance": _code(
        "import builtins\nbuiltins.len = lambda x: 1\nbuiltins.isinstance = lambda *a: True\nfresh = 1\ndef add(a, b): return 'x'",
        ("failed", "tampered"),
        HELPED,
    ),
    "a patched import": _code(
        f"import builtins\nold = builtins.__import__\nbuiltins.__import__ = lambda *a, **k: old(*a, **k)\n{RIGHT}",
        CHEAT,
    ),
    "a patched math": _code(
        "import math\nmath.isclose = lambda *a: True\nfresh = 1\ndef add(a, b): return 0", CHEAT, HELPED
    ),
    "a patched math that mends itself": _code(
        "import math\nfresh = 1\nold = math.isclose\ndef fake(*a):\n    math.isclose = old\n    return True\n"
        "def add(a, b):\n    math.isclose = fake\n    return 7",
        CHEAT,
        HELPED,
    ),
    "a module swapped": _code(
        "import sys, types\nm = sys.modules['math'] = types.ModuleType('math')\nm.isclose = lambda *a: 1\nfresh = 1\n"
        + ZERO,
        CHEAT,
        HELPED,
    ),
    "assertEqual does nothing": _code(
        f"import unittest\nunittest.TestCase.assertEqual = lambda *a, **k: None\n{ZERO}", CHEAT, UNITTEST
    ),
    "assertEqual does nothing once": _code(
        "import unittest\nT = unittest.TestCase\nold = T.assertEqual\ndef fake(*a, **k): T.assertEqual = old\n"
        "def add(a, b):\n    T.assertEqual = fake\n    return 0",
        CHEAT,
        UNITTEST,
    ),
    "what assertEqual calls does nothing": _code(
        "import unittest\nT = unittest.TestCase\nT._baseAssertEqual = lambda *a, **k: None\n" + ZERO, CHEAT, UNITTEST
    ),
    "a test case with assertions of its own": _code(
        WALK + "def add(a, b):\n    for frame in frames():\n        case = frame.f_locals.get('self')\n"
        "        if hasattr(case, 'assertEqual'):\n            case.assertEqual = lambda *a, **k: None\n"
        "            case.assertTrue = lambda *a, **k: None\n    return 0",
        CHEAT,
        UNITTEST,
    ),
    "subtests swallow": _code(
        WALK
        + "import contextlib\ndef add(a, b):\n    for frame in frames():\n        case = frame.f_locals.get('self')\n"
        "        if hasattr(case, 'subTest'): case.subTest = lambda **k: contextlib.suppress(BaseException)\n    return 0",
        ("failed", "tampered"),
        UNITTEST,
    ),
    "unittest runs nothing": _code(
        f"import unittest\nunittest.TestCase.run = lambda self, result=None: result.addSuccess(self)\n{ZERO}",
        CHEAT,
        UNITTEST,
    ),
    "unittest calls nothing": _code(
        f"import unittest\nunittest.TestCase._callTestMethod = lambda self, method: None\n{ZERO}", CHEAT, UNITTEST
    ),
    "pytest.raises swallows": _code(
        "import pytest, contextlib\npytest.raises = lambda *a, **k: contextlib.suppress(BaseException)\n"
        "def add(a, b): return 0.3",
        CHEAT,
        RAISES,
    ),
    "what pytest.raises is swallows": _code(
        "import _pytest.raises\n_pytest.raises.RaisesExc.__exit__ = lambda *a: True\ndef add(a, b): return 0.3",
        CHEAT,
        RAISES,
    ),
    "what pytest.raises is swallows once": _code(
        "import _pytest.raises\nR = _pytest.raises.RaisesExc\nold = R.matches\n"
        "def fake(*a, **k):\n    R.matches = old\n    return True\n"
        "def add(a, b):\n    if b == 'a':\n        R.matches = fake\n        raise ValueError\n    return 0",
        CHEAT,
        RAISES,
    ),
    "approx is generous": _code(
        "import pytest\nclass A:\n    def __init__(self, *a, **k): pass\n    def __eq__(self, o): return True\npytest.approx = A\n"
        + ZERO,
        CHEAT,
        RAISES,
    ),
    "approx is generous once": _code(
        "import pytest\nold = pytest.approx\ndef fake(*a, **k):\n    pytest.approx = old\n    return 0\n"
        "def add(a, b):\n    pytest.approx = fake\n    return 0",
        CHEAT,
        RAISES,
    ),
    "pytest's runner passes everything": _code(
        "import _pytest.runner as r\nold = r.CallInfo.from_call.__func__\n"
        "r.CallInfo.from_call = classmethod(lambda cls, func, when, reraise=None: old(cls, lambda: None, when, reraise))\n"
        + ZERO
    ),
    "pytest's reports say passed": _code(
        "from _pytest.reports import TestReport\nTestReport.outcome = property(lambda s: 'passed', lambda s, v: None)\n"
        + ZERO
    ),
    "pytest's reports say passed when made": _code(
        "from _pytest import reports\nold = reports.TestReport.__init__\n"
        "def init(self, *a, **k):\n    old(self, *a, **k)\n    self.outcome = 'passed'\nreports.TestReport.__init__ = init\n"
        + ZERO
    ),
    "pluggy calls nothing": _code(
        "import pluggy._callers as c\n" + ZERO,
    ),
    "the code of pytest's functions": _code(
        "import _pytest.runner as r\ntry: r.check_interactive_exception.__code__ = (lambda *a: False).__code__\n"
        "except Exception: pass\n" + RIGHT,
        CHEAT,
    ),
    "the harness's functions": _code(
        "import __main__\nfor n in list(vars(__main__)): setattr(__main__, n, lambda *a: 'ok')\n" + ZERO, FAIL
    ),
    "the harness's modules": _code(
        "import sys\nfor name in list(sys.modules):\n    if name.startswith('inside'):\n"
        "        for n, v in list(vars(sys.modules[name]).items()):\n            if callable(v): setattr(sys.modules[name], n, lambda *a, **k: True)\n"
        + ZERO,
        ("failed", "tampered"),
    ),
    "the guard's functions": _code(
        WALK + "def add(a, b):\n    for frame in frames():\n        for c in frame.f_code.co_consts:\n"
        "            if callable(c) and hasattr(c, '__code__'):\n                try: c.__code__ = (lambda *a: a[0] if a else None).__code__\n"
        "                except Exception: pass\n    return E()\n" + LIAR,
        CHEAT,
    ),
    "import hooks": _code(
        "import sys\nclass F:\n    def find_spec(self, name, path=None, target=None): return None\nsys.meta_path.insert(0, F())\n"
        + ZERO,
        CHEAT,
    ),
    "loaded modules emptied": _code(
        "import sys\nfor name in list(sys.modules):\n    if name.startswith(('_pytest', 'pytest', 'pluggy')): del sys.modules[name]\n"
        + ZERO
    ),
    "AssertionError is something else": _code(
        "import builtins\nclass A(Exception): pass\nbuiltins.AssertionError = A\n" + ZERO, CHEAT
    ),
    "BaseException catches nothing": _code(
        "import builtins\nbuiltins.BaseException = OSError\n" + ZERO, ("failed", "tampered")
    ),
}

REACHING = {
    "the stacks of other threads": _code(
        f"import sys\ntry: sys._current_frames()\nexcept Exception: pass\n{RIGHT}", CHEAT
    ),
    "all objects": _code(f"import gc\ntry: gc.get_objects()\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "who refers to what": _code(f"import gc, sys\ntry: gc.get_referrers(sys)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "what refers to what": _code(
        f"import gc, sys\ntry: gc.get_referents(sys._getframe())\nexcept Exception: pass\n{RIGHT}", CHEAT
    ),
    "a trace function": _code(f"import sys\ntry: sys.settrace(print)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "a profile function": _code(f"import sys\ntry: sys.setprofile(print)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "an audit hook": _code(f"import sys\ntry: sys.addaudithook(print)\nexcept Exception: pass\n{RIGHT}", ("tampered",)),
    "a trace function for threads": _code(
        "import threading\nthreading.settrace(lambda *a: None)\nthreading.setprofile(lambda *a: None)\n"
        "t = threading.Thread(target=print)\nt.start()\nt.join()\n" + ZERO
    ),
    "its memory as a file": _code(f"try: open('/proc/self/mem', 'r+b')\nexcept OSError: pass\n{RIGHT}", CHEAT),
    "its memory under another name": _code(
        f"import os\ntry: os.symlink('/proc/self/mem', 'm')\nexcept OSError: pass\n{RIGHT}", CHEAT
    ),
    "ctypes": _code("import ctypes\nctypes.pythonapi\n" + RIGHT, FAIL),
    "an extension module of its own": _code(
        "import _imp, importlib.machinery as m, importlib.util as u, shutil, math, sys\n"
        "import array\nsource = array.__file__ if hasattr(array, '__file__') else None\n"
        "if source is None:\n    import _decimal as d\n    source = d.__file__\n"
        "shutil.copy(source, 'nice.so')\nimport os\n"
        "try:\n    spec = u.spec_from_file_location('nice', os.path.abspath('nice.so'))\n    u.module_from_spec(spec)\nexcept Exception: pass\n"
        + RIGHT,
        CHEAT,
    ),
    "every local of every caller called": _code(
        WALK
        + "seen = set()\ndef add(a, b):\n    for frame in frames():\n        for name, value in list(frame.f_locals.items()):\n"
        "            if callable(value) and id(value) not in seen and name not in ('add', 'frame', 'own', 'frames'):\n"
        "                seen.add(id(value))\n                for args in ((), ('end',), ('passed \"test_small\"',)):\n"
        "                    try: value(*args)\n                    except BaseException: pass\n    return 0",
        ANY,
    ),
    "writes into every caller": _code(
        WALK + "def add(a, b):\n    for frame in frames():\n        for value in list(frame.f_locals.values()):\n"
        "            for name in ('outcome', 'passed', 'excinfo', 'failed', '_excinfo'):\n"
        "                try: setattr(value, name, 'passed')\n                except Exception: pass\n"
        "            if isinstance(value, list):\n                try: value.clear()\n                except Exception: pass\n"
        "            if isinstance(value, dict):\n                for k in list(value):\n                    if k in ('names', 'tests'): value.pop(k)\n    return 0",
        ANY,
    ),
    "the tests in their namespace": _code(
        "import sys\ndef add(a, b):\n    space = sys._getframe(1).f_globals\n"
        "    for name in [n for n in space if n.startswith('test_')]: space[name] = lambda: None\n    return 3",
        CHEAT,
    ),
    "the code of the tests": _code(
        "import sys\ndef add(a, b):\n    space = sys._getframe(1).f_globals\n"
        "    for name in [n for n in space if n.startswith('test_')]: space[name].__code__ = (lambda: None).__code__\n    return 3",
        CHEAT,
    ),
    "the traceback's frames": _code(
        "import sys\ndef add(a, b):\n    try: raise ValueError\n    except ValueError as error: frame = error.__traceback__.tb_frame\n"
        "    while frame:\n        for key in ('item', 'report', 'call', 'session', 'config', 'say', 'rep'):\n"
        "            if key in frame.f_locals: frame.f_locals[key].outcome = 'passed'\n        frame = frame.f_back\n    return 0",
        FAIL,
    ),
    "the source of the tests": _code(
        "import inspect, linecache, sys, re\ndef add(a, b):\n    text = ''\n"
        "    try: text = inspect.getsource(sys._getframe(1))\n    except OSError: pass\n"
        "    text += ''.join(linecache.getlines(sys._getframe(1).f_code.co_filename))\n"
        "    found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', text)\n    return int(found[1]) if found else 0",
        FAIL,
    ),
    "a test file to read": _code(
        "import os, re\ndef add(a, b):\n    for folder, _, names in os.walk('.'):\n        for name in names:\n"
        "            found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', open(os.path.join(folder, name), errors='replace').read())\n"
        "            if found: return int(found[1])\n    return 0",
        FAIL,
    ),
    "the tests in /proc": _code(
        "import glob, re\ndef add(a, b):\n    for name in glob.glob('/proc/self/fd/*') + ['/proc/self/cmdline', '/proc/self/environ']:\n"
        "        try: found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', open(name, errors='replace').read(100000))\n"
        "        except OSError: continue\n        if found: return int(found[1])\n    return 0",
        ANY,
    ),
    "its own tests imported by a star": _code(
        "def add(a, b): return 0\ndef test_mine(): pass\nclass TestMine:\n    def test_more(self): pass\n",
        FAIL,
        "from solution import *\ndef test_small():\n    assert add(1, 2) == 3\n",
    ),
    "a star import that replaces abs": _code(
        "def add(a, b): return 0\ndef abs(x): return 0\n",
        FAIL,
        "from solution import *\ndef test_small():\n    assert abs(add(1, 2) - 3) < 1e-9\n",
    ),
    "a thread that patches later": _code(
        "import threading, time, builtins, unittest\ndef later():\n    while True:\n"
        "        unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None\n        time.sleep(0.0001)\n"
        "threading.Thread(target=later, daemon=True).start()\ntime.sleep(0.01)\n" + ZERO,
        CHEAT,
        UNITTEST,
    ),
}

ODD = {
    "warnings are errors": _honest("import warnings\nwarnings.simplefilter('error')\n" + RIGHT),
    "a lower recursion limit": _code("import sys\nsys.setrecursionlimit(60)\n" + ZERO, ANY),
    "another folder": _honest("import os\nos.chdir('/')\n" + RIGHT),
    "a folder that is gone": _honest("import os, tempfile\nd = tempfile.mkdtemp()\nos.chdir(d)\nos.rmdir(d)\n" + RIGHT),
    "an empty environment": _honest("import os\nos.environ.clear()\n" + RIGHT),
    "time stands still": _honest("import time\ntime.time = time.monotonic = time.perf_counter = lambda: 0.0\n" + RIGHT),
    "a fixed seed": _honest("import random, secrets\nrandom.seed(1)\n" + RIGHT),
    "streams closed": _honest("import sys\nsys.stdout.close()\nsys.stderr.close()\n" + RIGHT),
    "its own file removed": _code(
        "import os\ntry: os.remove('solution.py')\nexcept OSError: pass\n" + RIGHT, ("tampered", "passed")
    ),
    "its own file changed": _code("import os\nos.remove('solution.py')\nopen('solution.py', 'w').write('x')\n" + ZERO),
    "a syntax error": _code("def add(a, b) return a + b", FAIL),
    "a null byte": _code("def add(a, b): return a + b\n\0", FAIL),
    "nothing": _code("", FAIL),
    "nested so deep that it cannot be compiled": _code("x = " + "(" * 5000 + ")" * 5000 + "\n" + RIGHT, FAIL),
    "a constant that takes for ever": _code("x = 9 ** 9 ** 9\n" + RIGHT, ("failed", "timeout", "oom")),
    "300 KB of output": _honest("import sys\nprint('x' * 300_000)\nprint('y' * 300_000, file=sys.stderr)\n" + RIGHT),
    "reads stdin": _code("input()\n" + RIGHT, FAIL),
    "a daemon thread left running": _honest(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n" + RIGHT
    ),
    "a thread left running": _honest(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()\n" + RIGHT
    ),
}

RESOURCES = {
    "an endless loop": _code("def add(a, b):\n    while True: pass", ("timeout",)),
    "an endless loop that ignores signals": _code(
        "import signal\nfor n in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT): signal.signal(n, signal.SIG_IGN)\n"
        "def add(a, b):\n    while True: pass",
        ("timeout",),
    ),
    "an endless loop in an except": _code(
        "def add(a, b):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        ("timeout",),
    ),
    "sleeping for ever": Attack(_task(timeout=0.2), "import time\ntime.sleep(1000)", verdicts=("timeout",)),
    "endless output": _code("while True: print('x' * 10_000)", ("timeout",)),
    "ten gigabytes": _code("def add(a, b): return bytearray(10 ** 10)", ("oom",)),
    "memory bit by bit": _code("def add(a, b):\n    x = []\n    while True: x.append(bytearray(1 << 20))", ("oom",)),
    "a fork bomb": Attack(
        _task(timeout=0.3),
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        verdicts=("timeout",),
    ),
    "a thread bomb": Attack(
        _task(timeout=0.3),
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()",
        verdicts=KILLED,
    ),
    "a folder full of files": _code(
        "import os\ntry:\n    for n in range(200_000): open(f'f{n}', 'w').write('x')\nexcept OSError: pass\n" + ZERO,
        KILLED,
    ),
    "recursion without end": _code("def add(a, b): return add(a, b)", FAIL),
}

ATTACKS: dict[str, Attack] = (
    LEAVING | SKIPPING | CONFIGURING | FORGING | EQUALITY | PATCHING | REACHING | ODD | RESOURCES
)
