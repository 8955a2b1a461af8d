"""Tests that a task defines, known before any candidate is loaded."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stagerun import Task
from stagerun_evaluators.python.named import named
from stagerun_evaluators.python.report import Report


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("def test_a(): pass\nasync def test_b(): pass\ndef helper(): pass", {"test_a": 1, "test_b": 1}),
        ("class TestX:\n    def test_a(self): pass\n    class TestY:\n        def test_b(self): pass", {"TestX::test_a": 1, "TestX::TestY::test_b": 1}),
        ("class X:\n    def test_a(self): pass\ndef test_b(): pass", {"test_b": 1}),
        ("import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\nclass B(A):\n    def testB(self): pass",
         {"A::test_a": 1, "B::test_a": 1, "B::testB": 1}),
        ("import pytest\n@pytest.mark.parametrize('x', [1, 2])\n@pytest.mark.parametrize('y', (1, 2, 3))\ndef test_a(x, y): pass", {"test_a": 6}),
        ("import pytest\n@pytest.mark.parametrize('x', CASES)\ndef test_a(x): pass", {"test_a": None}),
        ("import pytest\n@pytest.fixture(params=[1, 2])\ndef x(request): pass\ndef test_a(x): pass\ndef test_b(): pass", {"test_a": None, "test_b": 1}),
        ("if True:\n    def test_a(): pass\ndef test_b(): pass\ndel test_b", {"test_a": 1}),
        ("import pytest\n@pytest.mark.skip\ndef test_a(): pass\ndef test_b(): pass", {"test_b": 1}),
    ],
)  # fmt: skip
def test_tests_and_how_many_cases_they_have(text: str, tests: Mapping[str, int | None]) -> None:
    assert named(Task(id="t", language="python", tests=text)).tests == tests


def test_with_several_files_a_name_begins_with_its_file() -> None:
    files = {
        "test_a.py": "def test_x(): pass",
        "b_test.py": "def test_x(): pass",
        "test_utils.py": "def helper(): pass",
    }
    found = named(Task(id="t", language="python", files=files))
    assert set(found.tests) == {"test_a.py::test_x", "b_test.py::test_x"}
    assert set(found.files) == {"test_a.py", "b_test.py"}


def test_expected_names_win() -> None:
    text = "def test_a(): pass\ndef test_b(): pass"
    assert set(named(Task(id="t", language="python", tests=text, expected=("test_b",))).tests) == {"test_b"}


@pytest.mark.parametrize(
    ("reported", "absent"),
    [
        (["test_a", "test_b[1]", "test_b[2]"], set()),
        (["test_b[1]", "test_b[2]"], {"test_a"}),
        (["test_a", "test_b[1]"], {"test_b"}),
    ],
)
def test_a_test_without_all_its_cases_is_absent(reported: list[str], absent: set[str]) -> None:
    lines = tuple(("passed", f'"{name}"') for name in reported)
    assert Report(lines, foreign=False).absent({"test_a": 1, "test_b": 2}) == absent
