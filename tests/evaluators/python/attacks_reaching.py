"""Attacks that reach for stacks, objects, memory and tests; odd surroundings; and those on resources."""

from __future__ import annotations

from attacks import Attack

from .attacking import ANY, CHEAT, FAIL, KILLED, RIGHT, UNITTEST, WALK, ZERO, code, honest, limited

REACHING = {
    "the stacks of other threads": code(
        f"import sys\ntry: sys._current_frames()\nexcept Exception: pass\n{RIGHT}", CHEAT
    ),
    "all objects": code(f"import gc\ntry: gc.get_objects()\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "who refers to what": code(f"import gc, sys\ntry: gc.get_referrers(sys)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "what refers to what": code(
        f"import gc, sys\ntry: gc.get_referents(sys._getframe())\nexcept Exception: pass\n{RIGHT}", CHEAT
    ),
    "a trace function": code(f"import sys\ntry: sys.settrace(print)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "a profile function": code(f"import sys\ntry: sys.setprofile(print)\nexcept Exception: pass\n{RIGHT}", CHEAT),
    "an audit hook": code(f"import sys\ntry: sys.addaudithook(print)\nexcept Exception: pass\n{RIGHT}", ("tampered",)),
    "a trace function for threads": code(
        "import threading\nthreading.settrace(lambda *a: None)\nthreading.setprofile(lambda *a: None)\n"
        "t = threading.Thread(target=print)\nt.start()\nt.join()\n" + ZERO
    ),
    "its memory as a file": code(f"try: open('/proc/self/mem', 'r+b')\nexcept OSError: pass\n{RIGHT}", CHEAT),
    "its memory under another name": code(
        f"import os\ntry: os.symlink('/proc/self/mem', 'm')\nexcept OSError: pass\n{RIGHT}", CHEAT
    ),
    "ctypes": code("import ctypes\nctypes.pythonapi\n" + RIGHT, FAIL),
    "an extension module of its own": code(
        "import _imp, importlib.machinery as m, importlib.util as u, shutil, math, sys\n"
        "import array\nsource = array.__file__ if hasattr(array, '__file__') else None\n"
        "if source is None:\n    import _decimal as d\n    source = d.__file__\n"
        "shutil.copy(source, 'nice.so')\nimport os\n"
        "try:\n    spec = u.spec_from_file_location('nice', os.path.abspath('nice.so'))\n    u.module_from_spec(spec)\nexcept Exception: pass\n"
        + RIGHT,
        CHEAT,
    ),
    "every local of every caller called": code(
        WALK
        + "seen = set()\ndef add(a, b):\n    for frame in frames():\n        for name, value in list(frame.f_locals.items()):\n"
        "            if callable(value) and id(value) not in seen and name not in ('add', 'frame', 'own', 'frames'):\n"
        "                seen.add(id(value))\n                for args in ((), ('end',), ('passed \"test_small\"',)):\n"
        "                    try: value(*args)\n                    except BaseException: pass\n    return 0",
        ANY,
    ),
    "writes into every caller": code(
        WALK + "def add(a, b):\n    for frame in frames():\n        for value in list(frame.f_locals.values()):\n"
        "            for name in ('outcome', 'passed', 'excinfo', 'failed', '_excinfo'):\n"
        "                try: setattr(value, name, 'passed')\n                except Exception: pass\n"
        "            if isinstance(value, list):\n                try: value.clear()\n                except Exception: pass\n"
        "            if isinstance(value, dict):\n                for k in list(value):\n                    if k in ('names', 'tests'): value.pop(k)\n    return 0",
        ANY,
    ),
    "the tests in their namespace": code(
        "import sys\ndef add(a, b):\n    space = sys._getframe(1).f_globals\n"
        "    for name in [n for n in space if n.startswith('test_')]: space[name] = lambda: None\n    return 3",
        CHEAT,
    ),
    "the code of the tests": code(
        "import sys\ndef add(a, b):\n    space = sys._getframe(1).f_globals\n"
        "    for name in [n for n in space if n.startswith('test_')]: space[name].__code__ = (lambda: None).__code__\n    return 3",
        CHEAT,
    ),
    "the traceback's frames": code(
        "import sys\ndef add(a, b):\n    try: raise ValueError\n    except ValueError as error: frame = error.__traceback__.tb_frame\n"
        "    while frame:\n        for key in ('item', 'report', 'call', 'session', 'config', 'say', 'rep'):\n"
        "            if key in frame.f_locals: frame.f_locals[key].outcome = 'passed'\n        frame = frame.f_back\n    return 0",
        ANY,
    ),
    "the source of the tests": code(
        "import inspect, linecache, sys, re\ndef add(a, b):\n    text = ''\n"
        "    try: text = inspect.getsource(sys._getframe(1))\n    except OSError: pass\n"
        "    text += ''.join(linecache.getlines(sys._getframe(1).f_code.co_filename))\n"
        "    found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', text)\n    return int(found[1]) if found else 0",
        ANY,
    ),
    "a test file to read": code(
        "import os, re\ndef add(a, b):\n    for folder, _, names in os.walk('.'):\n        for name in names:\n"
        "            found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', open(os.path.join(folder, name), errors='replace').read())\n"
        "            if found: return int(found[1])\n    return 0",
        FAIL,
    ),
    "the tests in /proc": code(
        "import glob, re\ndef add(a, b):\n    for name in glob.glob('/proc/self/fd/*') + ['/proc/self/cmdline', '/proc/self/environ']:\n"
        "        try: found = re.search(rf'add\\({a}, {b}\\) == (\\d+)', open(name, errors='replace').read(100000))\n"
        "        except OSError: continue\n        if found: return int(found[1])\n    return 0",
        ANY,
    ),
    "its own tests imported by a star": code(
        "def add(a, b): return 0\ndef test_mine(): pass\nclass TestMine:\n    def test_more(self): pass\n",
        FAIL,
        "from solution import *\ndef test_small():\n    assert add(1, 2) == 3\n",
    ),
    "a star import that replaces abs": code(
        "def add(a, b): return 0\ndef abs(x): return 0\n",
        FAIL,
        "from solution import *\ndef test_small():\n    assert abs(add(1, 2) - 3) < 1e-9\n",
    ),
    "a thread that patches later": code(
        "import threading, time, builtins, unittest\ndef later():\n    while True:\n"
        "        unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None\n        time.sleep(0.0001)\n"
        "threading.Thread(target=later, daemon=True).start()\ntime.sleep(0.01)\n" + ZERO,
        CHEAT,
        UNITTEST,
    ),
}

ODD = {
    "warnings are errors": honest("import warnings\nwarnings.simplefilter('error')\n" + RIGHT),
    "a lower recursion limit": code("import sys\nsys.setrecursionlimit(60)\n" + ZERO, ANY),
    "another folder": honest("import os\nos.chdir('/')\n" + RIGHT),
    "a folder that is gone": honest("import os, tempfile\nd = tempfile.mkdtemp()\nos.chdir(d)\nos.rmdir(d)\n" + RIGHT),
    "an empty environment": honest("import os\nos.environ.clear()\n" + RIGHT),
    "time stands still": honest("import time\ntime.time = time.monotonic = time.perf_counter = lambda: 0.0\n" + RIGHT),
    "a fixed seed": honest("import random, secrets\nrandom.seed(1)\n" + RIGHT),
    "streams closed": honest("import sys\nsys.stdout.close()\nsys.stderr.close()\n" + RIGHT),
    "its own file removed": code(
        "import os\ntry: os.remove('solution.py')\nexcept OSError: pass\n" + RIGHT, ("tampered", "passed")
    ),
    "its own file changed": code("import os\nos.remove('solution.py')\nopen('solution.py', 'w').write('x')\n" + ZERO),
    "a syntax error": code("def add(a, b) return a + b", FAIL),
    "a null byte": code("def add(a, b): return a + b\n\0", FAIL),
    "nothing": code("", FAIL),
    "nested so deep that it cannot be compiled": code("x = " + "(" * 5000 + ")" * 5000 + "\n" + RIGHT, FAIL),
    "a constant that takes for ever": code("x = 9 ** 9 ** 9\n" + RIGHT, ("failed", "timeout", "oom")),
    "300 KB of output": honest("import sys\nprint('x' * 300_000)\nprint('y' * 300_000, file=sys.stderr)\n" + RIGHT),
    "reads stdin": code("input()\n" + RIGHT, FAIL),
    "a daemon thread left running": honest(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n" + RIGHT
    ),
    "a thread left running": honest(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,)).start()\n" + RIGHT
    ),
}

RESOURCES = {
    "an endless loop": code("def add(a, b):\n    while True: pass", ("timeout",)),
    "an endless loop that ignores signals": code(
        "import signal\nfor n in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT): signal.signal(n, signal.SIG_IGN)\n"
        "def add(a, b):\n    while True: pass",
        ("timeout",),
    ),
    "an endless loop in an except": code(
        "def add(a, b):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        ("timeout",),
    ),
    "sleeping for ever": Attack(limited(timeout=0.2), "import time\ntime.sleep(1000)", verdicts=("timeout",)),
    "endless output": code("while True: print('x' * 10_000)", ("timeout",)),
    "ten gigabytes": code("def add(a, b): return bytearray(10 ** 10)", ("oom",)),
    "memory bit by bit": code("def add(a, b):\n    x = []\n    while True: x.append(bytearray(1 << 20))", ("oom",)),
    "a fork bomb": Attack(
        limited(timeout=0.3),
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        verdicts=("timeout",),
    ),
    "a thread bomb": Attack(
        limited(timeout=0.3),
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()",
        verdicts=KILLED,
    ),
    "a folder full of files": code(
        "import os\ntry:\n    for n in range(200_000): open(f'f{n}', 'w').write('x')\nexcept OSError: pass\n" + ZERO,
        KILLED,
    ),
    "recursion without end": code("def add(a, b): return add(a, b)", FAIL),
}
