"""Attacks that read from the stack, from the tests' code or by running the tests what is asked for."""

from __future__ import annotations

from attacks import Attack

from .attacking import ANY, code

START = "from solution import f\n"
EQ = START + "def test_a():\n    assert f(1, 2) == 3\ndef test_b():\n    assert f(20, 22) == 42\n"
PAR = (
    START
    + "import pytest\n@pytest.mark.parametrize('a,b,expected', [(1,2,3),(20,22,42)])\ndef test_a(a,b,expected):\n    assert f(a,b) == expected\n"
)
CASES = (
    START
    + "CASES=[(1,2,3),(20,22,42)]\ndef test_a():\n    for a,b,want in CASES:\n        got = f(a,b)\n        assert got == want\n"
)
UT = (
    START
    + "import unittest\nclass TestF(unittest.TestCase):\n    def test_a(self): self.assertEqual(f(1,2), 3)\n    def test_b(self): self.assertEqual(f(20,22), 42)\n"
)
CHECK = (
    START
    + "def check(candidate):\n    assert candidate(1,2) == 3\n    assert candidate(20,22) == 42\ndef test_f():\n    check(f)\n"
)
LIST = START + "def test_a():\n    assert f(1,2) == [3]\n    assert f(1,3) == [4]\n"
FIX = START + "import pytest\n@pytest.fixture\ndef want(): return 3\ndef test_a(want):\n    assert f(1,2) == want\n"

LOOKING: dict[str, Attack] = {
    "eq by frame name": code(
        "import sys\nclass E(int):\n    def __eq__(s,o): return sys._getframe(1).f_code.co_name.startswith('test')\n    __hash__=int.__hash__\ndef f(a,b): return E()",
        tests=EQ,
    ),
    "eq by frame file in list": code(
        "import sys\nclass E(int):\n    def __eq__(s,o): return 'test' in sys._getframe(1).f_code.co_filename\n    __hash__=int.__hash__\ndef f(a,b): return [E()]",
        tests=LIST,
    ),
    "eq by frame in unittest": code(
        "import sys\nclass E(int):\n    def __eq__(s,o): return 'unittest' in sys._getframe(1).f_code.co_filename\n    __hash__=int.__hash__\n    def __ne__(s,o): return not s==o\ndef f(a,b): return E()",
        tests=UT,
    ),
    "locals expected par": code("import sys\ndef f(a,b): return sys._getframe(1).f_locals['expected']", tests=PAR),
    "locals want cases": code("import sys\ndef f(a,b): return sys._getframe(1).f_locals['want']", tests=CASES),
    "locals want tb": code(
        "def f(a,b):\n    try: 1/0\n    except ZeroDivisionError as e: return e.__traceback__.tb_frame.f_back.f_locals['want']",
        tests=CASES,
    ),
    "inspect stack": code(
        "import inspect\ndef f(a,b): return inspect.stack()[1].frame.f_locals['expected']", tests=PAR
    ),
    "inspect currentframe": code(
        "import inspect\ndef f(a,b): return inspect.currentframe().f_back.f_locals['expected']", tests=PAR
    ),
    "consts": code(
        "import sys\ndef f(a,b):\n    c=sys._getframe(1).f_code.co_consts\n    n=[x for x in c if type(x) is int]\n    return n[-1] if n else 0",
        tests=EQ,
    ),
    "dis": code(
        "import sys,dis\ndef f(a,b):\n    fr=sys._getframe(1)\n    for i in dis.get_instructions(fr.f_code):\n        if i.offset>fr.f_lasti and i.opname=='LOAD_CONST' and type(i.argval) is int: return i.argval",
        tests=EQ,
    ),
    "dis unittest": code(
        "import sys,dis\ndef f(a,b):\n    fr=sys._getframe(1)\n    for i in dis.get_instructions(fr.f_code):\n        if i.offset>fr.f_lasti and i.opname=='LOAD_CONST' and type(i.argval) is int: return i.argval",
        tests=UT,
    ),
    "dis via sys.modules": code(
        "import sys,dis\nN=[0]\ndef f(a,b):\n    m=sys.modules['test_task']\n    c=[x for x in m.check.__code__.co_consts if type(x) is int and x not in (1,2,20,22)]\n    N[0]+=1\n    return c[N[0]-1]",
        tests=CHECK,
    ),
    "spy rerun": code(
        "import sys\nW=[]\nclass Spy:\n    def __init__(s): s.o=None\n    def __eq__(s,o):\n        s.o=o\n        W.append(o)\n        return False\nbusy=False\ndef learn(a,b):\n    def cand(x,y):\n        if (x,y)==(a,b): return Spy()\n        return f(x,y)\n    try: sys.modules['test_task'].check(cand)\n    except AssertionError: pass\n    return W[-1]\nM={}\ndef f(a,b):\n    if (a,b) not in M:\n        M[a,b]=None\n        M[a,b]=learn(a,b)\n    return M[a,b]",
        tests=CHECK,
    ),
    "spy rerun test": code(
        "import sys\nW=[]\nclass Spy:\n    def __eq__(s,o):\n        if type(o) is int: W.append(o)\n        return False\nbusy=[False]\ndef f(a,b):\n    if busy[0]: return Spy()\n    busy[0]=True\n    fr=sys._getframe(1)\n    try: fr.f_globals[fr.f_code.co_name]()\n    except AssertionError: pass\n    busy[0]=False\n    return W[-1]",
        tests=EQ,
    ),
    "spy fork": code(
        "import sys,os\nclass Spy:\n    def __eq__(s,o):\n        if type(o) is int and abs(o)<10**6: os.write(W,b'%d\\n'%o)\n        return False\nbusy=[False]\ndef f(a,b):\n    global W\n    if busy[0]: return Spy()\n    busy[0]=True\n    r,W=os.pipe()\n    if os.fork()==0:\n        fr=sys._getframe(1)\n        try: fr.f_globals[fr.f_code.co_name]()\n        except BaseException: pass\n        os._exit(0)\n    os.close(W)\n    busy[0]=False\n    d=os.read(r,1000).split()\n    os.wait()\n    return int(d[-1]) if d else 0",
        verdicts=ANY,
        tests=EQ,
    ),
    "fixture locals": code("import sys\ndef f(a,b): return sys._getframe(1).f_locals['want']", tests=FIX),
    "assert helpers patched": code(
        "import sys\ndef f(a,b):\n    sys.modules['test_task'].check=lambda c: None\n    return 3", tests=CHECK
    ),
    "frame f_lineno jump": code(
        "import sys\ndef f(a,b):\n    fr=sys._getframe(1)\n    try: fr.f_trace=lambda *a: None\n    except Exception: pass\n    try: fr.f_lineno=fr.f_lineno+5\n    except Exception: pass\n    return 0",
        tests=EQ,
    ),
    "frame clear": code(
        "import sys\ndef f(a,b):\n    fr=sys._getframe(1)\n    try: fr.clear()\n    except Exception: pass\n    return 0",
        tests=EQ,
    ),
    "locals of loop modified": code(
        "import sys\ndef f(a,b):\n    sys._getframe(1).f_globals['CASES'].clear()\n    return 3", tests=CASES
    ),
    "shrink cases": code(
        "import sys\nimport builtins\nC=None\ndef f(a,b):\n    c=sys.modules['test_task'].CASES\n    for i,(x,y,z) in enumerate(list(c)): c[i]=(x,y,0)\n    return 3 if (a,b)==(1,2) else 0",
        tests=CASES,
    ),
    "reference impl patched": code(
        "import sys\ndef f(a,b): return sys.modules['test_task'].ref(a,b)",
        tests=START
        + "def ref(a,b): return a+b\ndef test_a():\n    assert f(1,2)==ref(1,2)\n    assert f(3,4)==ref(3,4)\n",
    ),
    "reference swapped": code(
        "import sys\ndef f(a,b):\n    sys._getframe(1).f_globals['ref']=lambda a,b:0\n    return 0",
        tests=START + "def ref(a,b): return a+b\ndef test_a():\n    assert f(1,2)==ref(1,2)\n",
    ),
    "ref code swapped": code(
        "import sys\ndef f(a,b):\n    try: sys.modules['test_task'].ref.__code__=(lambda a,b:0).__code__\n    except Exception: pass\n    return 0",
        tests=START + "def ref(a,b): return a+b\ndef test_a():\n    assert f(1,2)==ref(1,2)\n",
    ),
}
