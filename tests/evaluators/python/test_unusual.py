"""Unusual honest code: operators, comparisons and stacks used for what they are for. None of it is called tampered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stagerun import Judgement

Judge = Callable[..., Judgement]

UNUSUAL = {
    "a subtraction that changes itself": (
        "class C:\n    def __init__(self, m): self.m = m % 1440\n    def __sub__(self, m):\n        self.m = (self.m - m) % 1440\n"
        "        return self\n    def __eq__(self, o): return self.m == o.m",
        "assert C(3) - 4 == C(-1)",
    ),
    "matrix": (
        "class M:\n    def __init__(s,r): s.r=[list(x) for x in r]\n    def __eq__(s,o): return isinstance(o,M) and s.r==o.r\n    def __sub__(s,o): return M([[a-b for a,b in zip(x,y)] for x,y in zip(s.r,o.r)])\n    def __matmul__(s,o): return M([[sum(a*b for a,b in zip(x,y)) for y in zip(*o.r)] for x in s.r])\n    def __contains__(s,x): return any(x in r for r in s.r)",
        "assert M([[1,2]])==M([[1,2]])\n    assert M([[3]])-M([[1]])==M([[2]])\n    assert 2 in M([[1,2]])\n    assert M([[1]])!=M([[2]])",
    ),
    "vector near": (
        "import math\nclass V:\n    def __init__(s,*x): s.x=x\n    def __sub__(s,o): return V(*[a-b for a,b in zip(s.x,o.x)])\n    def __abs__(s): return math.hypot(*s.x)\n    def __eq__(s,o): return all(math.isclose(a,b,rel_tol=1e-9) for a,b in zip(s.x,o.x))",
        "assert abs(V(1,2)-V(1,2))<1e-9\n    assert V(.1+.2)==V(.3)",
    ),
    "tolerant float": (
        "class F(float):\n    def __eq__(s,o): return abs(float(s)-float(o))<1e-6\n    __hash__=float.__hash__",
        "assert F(0.1+0.2)==0.3\n    assert F(3)==3",
    ),
    "mod2": (
        "class B:\n    def __init__(s,x): s.x=x%2\n    def __eq__(s,o): return s.x==(o.x if isinstance(o,B) else o%2)",
        "assert B(3)==1\n    assert B(4)==0",
    ),
    "mod12 clock": (
        "class C:\n    def __init__(s,h,m=0): s.t=(h*60+m)%1440\n    def __eq__(s,o): return s.t==o.t\n    def __repr__(s): return f'{s.t//60:02}:{s.t%60:02}'\n    def __sub__(s,m): return C(0,s.t-m)\n    def __add__(s,m): return C(0,s.t+m)",
        "assert C(24)==C(0)\n    assert repr(C(1)-60)=='00:00'\n    assert C(0)-1440==C(0)",
    ),
    "complex": (
        "class Cx:\n    def __init__(s,a,b): s.real,s.imaginary=a,b\n    def __eq__(s,o): return (s.real,s.imaginary)==((o.real,o.imaginary) if isinstance(o,Cx) else (o,0))\n    def __sub__(s,o): return Cx(s.real-o,s.imaginary)\n    def __rsub__(s,o): return Cx(o-s.real,-s.imaginary)",
        "assert Cx(1,2)-1==Cx(0,2)\n    assert 5-Cx(1,0)==Cx(4,0)\n    assert Cx(3,0)==3",
    ),
    "interval contains": (
        "class I:\n    def __init__(s,a,b): s.a,s.b=a,b\n    def __contains__(s,x): return s.a<=x<=s.b",
        "assert 3 in I(0,10)\n    assert 11 not in I(0,10)",
    ),
    "naturals": (
        "class N:\n    def __contains__(s,x): return isinstance(x,int) and x>=0",
        "assert 3 in N()\n    assert -1 not in N()",
    ),
    "custom set": (
        "class S:\n    def __init__(s,x=()): s.x=list(dict.fromkeys(x))\n    def __eq__(s,o): return sorted(s.x)==sorted(o)\n    def __iter__(s): return iter(s.x)\n    def __contains__(s,x): return x in s.x\n    def __sub__(s,o): return S(i for i in s.x if i not in o)\n    def __len__(s): return len(s.x)",
        "assert S([1,2])==[2,1]\n    assert S([1,2])-S([1])==S([2])\n    assert 1 in S([1])\n    assert len(S([1,1]))==1",
    ),
    "enum": (
        "from enum import Enum,Flag,auto,StrEnum\nclass C(Enum):\n    R=1\n    def __lt__(s,o): return s.value<o.value\nclass Fl(Flag):\n    A=auto()\n    B=auto()\nclass St(StrEnum):\n    X='x'",
        "assert C.R==C(1)\n    assert Fl.A in Fl.A|Fl.B\n    assert St.X=='x'",
    ),
    "dataclass order": (
        "from dataclasses import dataclass\n@dataclass(order=True,frozen=True)\nclass P:\n    x:int\n    y:int=0",
        "assert P(1)<P(2)\n    assert P(1)==P(1,0)\n    assert sorted([P(2),P(1)])==[P(1),P(2)]\n    assert {P(1):1}[P(1)]==1",
    ),
    "decimal": (
        "from decimal import Decimal as D\nfrom fractions import Fraction as Fr",
        "assert D('1.10')-D('0.1')==1\n    assert abs(D('1')-1)<D('0.1')\n    assert Fr(1,3)-Fr(1,3)==0\n    assert abs(Fr(1,2)-0.5)<1e-9\n    assert [D('1')]==[1]",
    ),
    "datetime": (
        "from datetime import *\ndef f(): return datetime(2020,1,2)-datetime(2020,1,1)",
        "assert f()==timedelta(days=1)\n    assert date(2020,1,2)-date(2020,1,1)==timedelta(1)\n    assert f().days-1==0",
    ),
    "metaclass": (
        "class M(type):\n    def __call__(c,*a,**k):\n        if not hasattr(c,'_i'): c._i=super().__call__(*a,**k)\n        return c._i\n    def __len__(c): return 7\n    def __contains__(c,x): return x==1\nclass S(metaclass=M): pass",
        "assert S() is S()\n    assert len(S)==7\n    assert 1 in S",
    ),
    "descriptor": (
        "class D:\n    def __set_name__(s,o,n): s.n='_'+n\n    def __get__(s,i,o): return s if i is None else getattr(i,s.n,0)\n    def __set__(s,i,v): setattr(i,s.n,v*2)\nclass A:\n    x=D()",
        "a=A()\n    a.x=2\n    assert a.x==4\n    assert a.x-4==0",
    ),
    "lazy sequence": (
        "from collections.abc import Sequence\nclass L(Sequence):\n    def __init__(s,n): s.n=n\n    def __len__(s): return s.n\n    def __getitem__(s,i):\n        if isinstance(i,slice): return [s[j] for j in range(*i.indices(s.n))]\n        if not -s.n<=i<s.n: raise IndexError\n        return i*i\n    def __eq__(s,o): return list(s)==list(o)",
        "assert L(3)==[0,1,4]\n    assert 4 in L(3)\n    assert L(4)[1:3]==[1,4]\n    assert list(reversed(L(2)))==[1,0]",
    ),
    "linked list": (
        "class N:\n    def __init__(s,v,n=None): s.v,s.n=v,n\n    def __iter__(s):\n        while s: yield s.v; s=s.n\n    def __eq__(s,o): return list(s)==list(o)",
        "assert N(1,N(2))==[1,2]\n    assert list(N(1))==[1]",
    ),
    "poly": (
        "class P:\n    def __init__(s,*c): s.c=c\n    def __sub__(s,o):\n        o=o.c if isinstance(o,P) else (o,)\n        n=max(len(s.c),len(o))\n        return P(*[(s.c[i] if i<len(s.c) else 0)-(o[i] if i<len(o) else 0) for i in range(n)])\n    def __eq__(s,o): return s.c==(o.c if isinstance(o,P) else (o,))",
        "assert P(3)-3==0\n    assert P(1,2)-P(1,2)==P(0,0)",
    ),
    "case insens dict": (
        "class C(dict):\n    def __getitem__(s,k): return super().__getitem__(k.lower())\n    def __setitem__(s,k,v): super().__setitem__(k.lower(),v)\n    def __contains__(s,k): return super().__contains__(k.lower())",
        "c=C()\n    c['A']=1\n    assert c['a']==1\n    assert 'A' in c\n    assert c=={'a':1}",
    ),
    "str subclass": (
        "class S(str):\n    def __eq__(s,o): return str(s).strip()==str(o).strip()\n    __hash__=str.__hash__",
        "assert S(' a ')=='a'\n    assert S('a')!='b'",
    ),
    "nan": (
        "nan=float('nan')",
        "assert nan!=nan\n    assert not nan==nan\n    assert -0.0==0\n    assert [nan]!=[float('nan')]",
    ),
    "frames logger": (
        "import logging,warnings\nfrom collections import namedtuple\nfrom typing import NamedTuple,TypedDict,NewType,TypeVar\nfrom enum import Enum\ndef f():\n    P=namedtuple('P','x')\n    T=TypeVar('T')\n    U=NewType('U',int)\n    E=Enum('E','A B')\n    class Q(NamedTuple):\n        a:int\n    class R(TypedDict):\n        a:int\n    logging.getLogger('x').warning('a',stacklevel=2)\n    warnings.warn('x',DeprecationWarning,stacklevel=2)\n    return P(1).x,U(1),E.A.value,Q(1).a",
        "assert f()==(1,1,1,1)",
    ),
    "trace words": (
        "import traceback,sys\ndef f():\n    try: 1/0\n    except Exception as e:\n        traceback.print_exc()\n        traceback.TracebackException.from_exception(e,capture_locals=True)\n        return ''.join(traceback.format_exception(e))[:9],e.__traceback__.tb_lineno>0",
        "assert f()==('Traceback',True)",
    ),
    "asyncio": (
        "import asyncio\nasync def g(n):\n    await asyncio.sleep(0)\n    return n\nasync def h():\n    return [x async for x in a()]\nasync def a():\n    for i in range(3): yield i\ndef f(): return asyncio.run(h())",
        "import asyncio\n    assert f()==[0,1,2]\n    assert asyncio.run(g(3))-3==0",
    ),
    "asyncio debug": (
        "import asyncio\nasync def g():\n    async with asyncio.TaskGroup() as t:\n        a=t.create_task(asyncio.sleep(0,1))\n    return a.result()\ndef f(): return asyncio.run(g(),debug=True)",
        "assert f()==1",
    ),
    "inspect signature": (
        "import inspect,functools\ndef curry(fn):\n    n=len(inspect.signature(fn).parameters)\n    def c(*a): return fn(*a) if len(a)>=n else lambda *b: c(*a,*b)\n    return c",
        "assert curry(lambda a,b,c: a+b+c)(1)(2)(3)==6",
    ),
    "arity of callback": (
        "def arity(fn): return fn.__code__.co_argcount",
        "def cb(a,b): return 1\n    assert arity(cb)==2\n    assert arity(lambda a: 1)==1",
    ),
    "retry decorator": (
        "import functools\ndef retry(n):\n    def d(fn):\n        @functools.wraps(fn)\n        def w(*a):\n            for i in range(n):\n                try: return fn(*a)\n                except ValueError: pass\n            raise ValueError\n        return w\n    return d",
        "calls=[]\n    @retry(3)\n    def g():\n        calls.append(1)\n        assert len(calls)<9\n        if len(calls)<3: raise ValueError\n        return 5\n    assert g()==5",
    ),
    "observer recursion": (
        "class S:\n    def __init__(s): s.o=[];s._v=0\n    def on(s,f): s.o.append(f)\n    def set(s,v):\n        s._v=v\n        for f in s.o: f(v)",
        "s=S()\n    seen=[]\n    def cb(v):\n        assert v<5\n        seen.append(v)\n        if v<3: s.set(v+1)\n    s.on(cb)\n    s.set(1)\n    assert seen==[1,2,3]",
    ),
    "visitor": (
        "def walk(t,f):\n    f(t)\n    for c in t[1]: walk(c,f)",
        "n=[]\n    def v(t):\n        assert isinstance(t,tuple)\n        n.append(t[0])\n    walk((1,[(2,[]),(3,[(4,[])])]),v)\n    assert n==[1,2,3,4]",
    ),
    "trampoline": (
        "def tramp(f,*a):\n    r=f(*a)\n    while callable(r): r=r()\n    return r",
        "def fact(n,acc=1): return acc if n==0 else (lambda: fact(n-1,acc*n))\n    assert tramp(fact,5)==120",
    ),
    "threads cb": (
        "from concurrent.futures import ThreadPoolExecutor\ndef pmap(f,xs):\n    with ThreadPoolExecutor(3) as p: return list(p.map(f,xs))",
        "def sq(x):\n        assert x>=0\n        return x*x\n    assert pmap(sq,[1,2])==[1,4]",
    ),
    "generator send": (
        "def avg():\n    t=n=0\n    a=None\n    while True:\n        x=yield a\n        t+=x;n+=1;a=t/n",
        "g=avg()\n    next(g)\n    assert g.send(2)==2\n    assert g.send(4)-3==0\n    assert g.gi_frame is not None",
    ),
    "contextmanager": (
        "from contextlib import contextmanager\n@contextmanager\ndef t(l):\n    l.append('i')\n    try: yield 5\n    finally: l.append('o')",
        "l=[]\n    with t(l) as x: assert x==5\n    assert l==['i','o']",
    ),
    "total infinite": (
        "import functools\n@functools.total_ordering\nclass Top:\n    def __eq__(s,o): return isinstance(o,Top)\n    def __lt__(s,o): return False",
        "assert Top()>10**9\n    assert not Top()<5\n    assert Top()==Top()",
    ),
    "operator expr": (
        "class X:\n    def __init__(s,t): s.t=t\n    def __sub__(s,o): return X(f'({s.t} - {o})')\n    def __eq__(s,o): return X(f'({s.t} == {o})') if not isinstance(o,X) else s.t==o.t\n    def __lt__(s,o): return X(f'({s.t} < {o})')\n    def __gt__(s,o): return X(f'({s.t} > {o})')\n    def __str__(s): return s.t\n    def __bool__(s): raise TypeError",
        "assert str(X('a')-1)=='(a - 1)'\n    assert str(X('a')<5)=='(a < 5)'\n    assert str(X('a')==3)=='(a == 3)'",
    ),
    "wildcard any": (
        "class Any_:\n    def __repr__(s): return '<any>'\n    def __hash__(s): return 1\n    def __eq__(s,o): return isinstance(o,Any_)",
        "assert Any_()==Any_()\n    assert repr(Any_())=='<any>'",
    ),
    "money": (
        "class Mo:\n    def __init__(s,a,c='EUR'): s.a,s.c=a,c\n    def __sub__(s,o):\n        if o.c!=s.c: raise ValueError\n        return Mo(s.a-o.a,s.c)\n    def __eq__(s,o): return (s.a,s.c)==(o.a,o.c)\n    def __lt__(s,o): return s.a<o.a",
        "assert Mo(3)-Mo(1)==Mo(2)\n    assert Mo(1)<Mo(2)",
    ),
    "ordered dict": (
        "from collections import *\ndef f(): return OrderedDict(a=1),ChainMap({'a':1}),deque([1]),defaultdict(int,a=1),Counter('a')",
        "a,b,c,d,e=f()\n    assert a=={'a':1}\n    assert b=={'a':1}\n    assert c==deque([1])\n    assert d=={'a':1}\n    assert e-Counter('a')==Counter()\n    assert 1 in c",
    ),
    "mock any arg": (
        "def f(g): g(1,k=2)",
        "from unittest.mock import Mock,ANY,call\n    m=Mock()\n    f(m)\n    m.assert_called_once_with(1,k=ANY)\n    assert m.call_args==call(1,k=2)\n    assert m.mock_calls==[call(1,k=2)]\n    assert [1,2]==[ANY,2]",
    ),
    "approx": (
        "def f(): return [0.1+0.2,1]",
        "import pytest\n    assert f()==pytest.approx([0.3,1])\n    assert {'a':0.1+0.2}==pytest.approx({'a':0.3})\n    assert f()[0]-0.3==pytest.approx(0)",
    ),
    "set algebra": (
        "def f(a,b): return a-b",
        "assert f({1,2},{1})=={2}\n    assert f({1},{1})==set()\n    assert frozenset({1})-{1}==set()",
    ),
    "dict views": (
        "def f(): return {'a':1}.keys(),{'a':1}.items()",
        "k,i=f()\n    assert k=={'a'}\n    assert k-{'a'}==set()\n    assert ('a',1) in i\n    assert 'a' in k",
    ),
    "types": (
        "import types\ndef f(): return int,types.SimpleNamespace(a=1),NotImplemented,Ellipsis,slice(1,2)",
        "assert f()[0]==int\n    assert f()[1]==__import__('types').SimpleNamespace(a=1)\n    assert f()[3]==...\n    assert f()[4]==slice(1,2)",
    ),
    "paths re": (
        "import pathlib,re,uuid,ipaddress\ndef f(): return pathlib.PurePosixPath('a/b'),ipaddress.ip_address('1.2.3.4'),uuid.UUID(int=3)",
        "assert f()[0]==pathlib.PurePosixPath('a')/'b'\n    assert str(f()[1])=='1.2.3.4'\n    assert f()[1]-1==ipaddress.ip_address('1.2.3.3')\n    assert f()[1] in ipaddress.ip_network('1.2.3.0/24')",
    ),
    "exceptions": (
        "class E(Exception):\n    def __init__(s,m): super().__init__(m); s.m=m\n    def __eq__(s,o): return s.m==getattr(o,'m',None)\n    __hash__=None\ndef f(): raise E('x') from KeyError(1)",
        "import pytest\n    with pytest.raises(E,match='x') as i: f()\n    assert i.value==E('x')\n    assert isinstance(i.value.__cause__,KeyError)\n    assert i.traceback[-1].name=='f'\n    assert i.value.__traceback__.tb_frame is not None",
    ),
    "callable class": (
        "class C:\n    def __call__(s,*a): return sum(a)\n    def __getattr__(s,n): return lambda *a:(n,)+a",
        "assert C()(1,2)==3\n    assert C().foo(1)==('foo',1)",
    ),
    "dynamic attr all": (
        "class D:\n    def __getattr__(s,n):\n        if n.startswith('__'): raise AttributeError(n)\n        return D()\n    def __call__(s): return 3",
        "assert D().a.b.c()==3",
    ),
    "bits": (
        "class B(int):\n    def __sub__(s,o): return B(int(s)-int(o)&0xff)\n    def __add__(s,o): return B(int(s)+int(o)&0xff)",
        "assert B(3)-5==254\n    assert B(255)+1==0\n    assert abs(B(3)-1)==2",
    ),
    "ring float": (
        "class A(float):\n    def __sub__(s,o): return (float(s)-float(o)+180)%360-180",
        "assert A(350)-10==-20\n    assert abs(A(10)-10)<1e-9",
    ),
    "hex color": (
        "class C(tuple):\n    def __new__(c,*a): return super().__new__(c,a)\n    def __sub__(s,o): return C(*[a-b for a,b in zip(s,o)])",
        "assert C(1,2)-C(1,1)==(0,1)\n    assert C(1,2)==(1,2)",
    ),
    "recursive data": (
        "def f():\n    a=[1]\n    a.append(a)\n    return a",
        "assert f()[1][0]==1\n    assert len(f())==2",
    ),
    "big result": (
        "def f(): return [str(i) for i in range(50000)]",
        "assert f()==[str(i) for i in range(50000)]\n    assert len(f())==50000",
    ),
    "big custom": (
        "class P:\n    __slots__=('x',)\n    def __init__(s,x): s.x=x\n    def __eq__(s,o): return s.x==o.x\ndef f(): return [P(i) for i in range(3000)]",
        "assert f()==f()",
    ),
    "property eq": (
        "class T:\n    @property\n    def total(s): return T2(3)\nclass T2:\n    def __init__(s,x): s.x=x\n    def __eq__(s,o): return str(s.x)==str(o)",
        "assert T().total==3\n    assert T().total=='3'",
    ),
    "np-like": (
        "class A:\n    def __init__(s,x): s.x=list(x)\n    def __eq__(s,o): return A([a==b for a,b in zip(s.x,o.x if isinstance(o,A) else [o]*len(s.x))])\n    def all(s): return all(s.x)\n    def __bool__(s): raise ValueError\n    def __sub__(s,o): return A(a-o for a in s.x)\n    def __lt__(s,o): return A(a<o for a in s.x)\n    def __gt__(s,o): return A(a>o for a in s.x)",
        "assert (A([1,2])==A([1,2])).all()\n    assert (A([1,1])-1==A([0,0])).all()\n    assert (A([1])<3).all()",
    ),
    "async test": (
        "import asyncio\nclass Q:\n    async def __aenter__(s): return s\n    async def __aexit__(s,*a): pass\n    def __aiter__(s): s.i=0; return s\n    async def __anext__(s):\n        s.i+=1\n        if s.i>2: raise StopAsyncIteration\n        return s.i",
        "import asyncio\n    async def g():\n        async with Q() as q: return [x async for x in q]\n    assert asyncio.run(g())==[1,2]",
    ),
    "subclass of Mapping": (
        "from collections.abc import *\nclass M(Mapping):\n    def __init__(s,d): s.d=d\n    def __getitem__(s,k): return s.d[k]\n    def __iter__(s): return iter(s.d)\n    def __len__(s): return len(s.d)\nclass S(Set):\n    def __init__(s,x): s.x=list(x)\n    def __contains__(s,k): return k in s.x\n    def __iter__(s): return iter(s.x)\n    def __len__(s): return len(s.x)",
        "assert M({'a':1})=={'a':1}\n    assert 'a' in M({'a':1})\n    assert S([1,2])-S([1])=={2}\n    assert S([1])<S([1,2])\n    assert S([1])=={1}",
    ),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_honest_code_passes(judged: Judge, name: str) -> None:
    code, asserted = UNUSUAL[name]
    tests = f"from solution import *\ndef test_it():\n    {asserted}\n"
    found = judged(f"{code}\n", tests, checks=["compile", "test"])
    assert (found.verdict, found.detail) == ("passed", "")
