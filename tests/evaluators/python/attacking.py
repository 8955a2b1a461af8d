"""What attacks on Python are made of: the tasks they are on, and short ways to write one.

Most are against `add`, whose tests ask for 3 and 42. A few get tests that offer more to attack: unittest's assertions, `pytest.raises`,
`pytest.approx`, assertions that compare nothing.
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


def task(tests: str = PLAIN, **meta: object) -> Task:
    """`add` with its tests, or with others; by all checks unless `checks` says which."""
    return Task(id="add", language="python", tests=tests, meta={"timeout": 1.0, "memory_mb": 256} | meta)


def limited(tests: str = PLAIN, **meta: object) -> Task:
    """The same with the checks that attacks are about."""
    return task(tests, checks=["compile", "test"], **meta)


def code(text: str, verdicts: tuple[str, ...] = ("failed", "tampered"), tests: str = PLAIN, **more: object) -> Attack:
    """An attack in the entry file."""
    return Attack(limited(tests), text, verdicts=verdicts, **more)  # type: ignore[arg-type]


def files(given: dict[str, str], verdicts: tuple[str, ...] = ("failed", "tampered"), tests: str = PLAIN) -> Attack:
    """An attack by other files, beside a solution that fails."""
    return Attack(limited(tests), files={"solution.py": ZERO, **given}, verdicts=verdicts)


def honest(text: str, tests: str = PLAIN) -> Attack:
    """Code that looks hostile and is not."""
    return code(text, ("passed",), tests)


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
